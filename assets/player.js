/* The player: the film with the boxes of the faces drawn over it, in step with the pictures.

   Boxes are asked for in windows of a minute, the next one before it is needed, and lie between two samples where the
   time lies between them. Where there is no film to play, the same player keeps the time for the timeline. */
(function () {
    "use strict";

    const dramatis = (window.dramatis = window.dramatis || {});
    const film = dramatis.film;

    const WINDOW_S = 60;
    const PREFETCH_S = 20;
    const KEPT_WINDOWS = 8;
    // A face is drawn this long before its first and after its last sample: half the time between two samples.
    const SLACK_S = 0.09;
    const SPEEDS = [0.5, 1, 1.5, 2, 4];

    let video = null;
    let canvas = null;
    let time = 0;
    // Where the film was sent and is not yet. A browser that knows little of the film so far forgets it, or goes to the
    // start instead; then it is told again.
    let awaited = null;
    let tries = 0;
    const TRIES = 10;
    const NEAR_S = 0.5;
    let windows = new Map();
    let showsBoxes = true;
    let queue = null;
    let tracked = null;

    const by = (id) => document.getElementById(id);
    const playable = () => video !== null && Boolean(video.getAttribute("src")) && !video.error;

    const player = (dramatis.player = {
        current: () => (playable() && awaited === null ? video.currentTime : time),
        playing: () => playable() && !video.paused && !video.ended,
        // Goes to a moment; `keep` leaves the moments that are being played one after the other as they are.
        seek(t, keep = false) {
            if (!keep) {
                endMoments();
            }
            time = Math.min(Math.max(0, t), film.data.duration);
            if (playable()) {
                awaited = time;
                tries = 0;
                video.currentTime = time;
            }
            moved();
        },
        toggle() {
            if (player.playing()) {
                video.pause();
            } else if (playable()) {
                endMoments(false);
                // Refused (no codec, no permission): the video's own error event says so.
                video.play().catch(() => {});
            }
        },
        // Plays [[start, end], ...] one after the other; `words` says what they are.
        moments(list, words) {
            if (!list.length) {
                return;
            }
            queue = { list, words, at: 0 };
            player.seek(list[0][0], true);
            if (playable()) {
                video.play().catch(() => {});
            }
            sayMoments();
        },
        mount,
    });

    /* Moments one after the other. */

    function endMoments(tell = true) {
        if (queue) {
            queue = null;
            if (tell) {
                sayMoments();
            } else {
                by("film-moments").hidden = true;
            }
        }
    }

    function sayMoments() {
        const line = by("film-moments");
        if (!line) {
            return;
        }
        line.hidden = queue === null;
        if (queue) {
            by("film-moments-words").textContent = `${queue.words}: moment ${queue.at + 1} of ${queue.list.length}`;
        }
    }

    function followMoments() {
        if (!queue || video.seeking || player.current() < queue.list[queue.at][1]) {
            return;
        }
        queue.at += 1;
        if (queue.at === queue.list.length) {
            video.pause();
            endMoments();
        } else {
            player.seek(queue.list[queue.at][0], true);
            sayMoments();
        }
    }

    /* Boxes. */

    function boxesFor(t) {
        const start = Math.floor(t / WINDOW_S) * WINDOW_S;
        if (!windows.has(start) && start < film.data.duration) {
            const { token, analysis } = film.data;
            const entry = { tracks: null };
            windows.set(start, entry);
            if (windows.size > KEPT_WINDOWS) {
                windows.delete(windows.keys().next().value);
            }
            // A second more on each side, so that a face that crosses the border has samples on both sides of it.
            const query = `from=${Math.max(0, start - 1)}&to=${start + WINDOW_S + 1}&analysis=${analysis}`;
            fetch(`/media/${token}/boxes?${query}`)
                .then((answer) => (answer.ok ? answer.json() : { tracks: [] }))
                .then((found) => {
                    entry.tracks = found.tracks.map(({ person, boxes }) => ({ who: film.index(person), boxes }));
                    draw();
                })
                .catch(() => windows.delete(start));
        }
        return windows.get(start)?.tracks ?? [];
    }

    // The box of a track at t, [x1, y1, x2, y2] in pixels of the film, null where the face is not visible.
    function boxAt(boxes, t) {
        let low = 0;
        let high = boxes.length;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (boxes[middle][0] > t) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        const before = boxes[low - 1];
        const after = boxes[low];
        if (before && after) {
            const share = (t - before[0]) / (after[0] - before[0]);
            return [1, 2, 3, 4].map((k) => before[k] + share * (after[k] - before[k]));
        }
        const only = before || after;
        return only && Math.abs(only[0] - t) <= SLACK_S ? only.slice(1) : null;
    }

    function draw(at) {
        if (!canvas || !canvas.isConnected) {
            return;
        }
        const scale = window.devicePixelRatio || 1;
        const width = canvas.clientWidth;
        const height = canvas.clientHeight;
        if (canvas.width !== Math.round(width * scale) || canvas.height !== Math.round(height * scale)) {
            canvas.width = Math.round(width * scale);
            canvas.height = Math.round(height * scale);
        }
        const pen = canvas.getContext("2d");
        pen.setTransform(scale, 0, 0, scale, 0, 0);
        pen.clearRect(0, 0, width, height);
        if (!showsBoxes) {
            return;
        }
        const t = at ?? player.current();
        const data = film.data;
        // The picture lies in the middle of its frame, as large as it fits.
        const fit = Math.min(width / data.width, height / data.height);
        const left = (width - fit * data.width) / 2;
        const top = (height - fit * data.height) / 2;
        pen.font = "600 12px system-ui, sans-serif";
        pen.textBaseline = "middle";
        for (const { who, boxes } of boxesFor(t)) {
            const box = who < 0 ? null : boxAt(boxes, t);
            if (box && film.left(who)) {
                drawBox(pen, box.map((v, k) => fit * v + (k % 2 ? top : left)), who, width);
            }
        }
        if (t % WINDOW_S > WINDOW_S - PREFETCH_S) {
            boxesFor(t + PREFETCH_S);
        }
    }

    // Over pictures of any brightness: a light line on a dark one. A stranger's is broken.
    function drawBox(pen, [x1, y1, x2, y2], who, width) {
        const data = film.data;
        const chosen = who === film.selected;
        pen.setLineDash([]);
        pen.strokeStyle = "rgba(0, 0, 0, 0.55)";
        pen.lineWidth = chosen ? 5 : 3.5;
        pen.strokeRect(x1, y1, x2 - x1, y2 - y1);
        pen.setLineDash(data.known[who] ? [] : [6, 4]);
        pen.strokeStyle = chosen ? "#ffb3c7" : "#ffffff";
        pen.lineWidth = chosen ? 2.5 : 1.5;
        pen.strokeRect(x1, y1, x2 - x1, y2 - y1);
        pen.setLineDash([]);
        const name = film.name(who);
        const wide = Math.min(pen.measureText(name).width + 12, Math.max(60, width - 8));
        const x = Math.min(Math.max(2, x1 - 1), width - wide - 2);
        const y = y1 > 24 ? y1 - 22 : y2 + 3;
        pen.fillStyle = chosen ? "#ffb3c7" : "rgba(20, 16, 18, 0.82)";
        pen.beginPath();
        pen.roundRect(x, y, wide, 19, 4);
        pen.fill();
        pen.fillStyle = chosen ? "#2a0d17" : "#ffffff";
        pen.fillText(name, x + 6, y + 10, wide - 12);
    }

    /* Time. */

    let saidAt = 0;

    function moved() {
        if (playable() && !video.seeking && awaited === null) {
            time = video.currentTime;
        }
        const clock = by("film-clock");
        if (clock) {
            clock.textContent = film.clock(time);
        }
        // While it plays, the pictures themselves call for their boxes, where the browser can tell them apart.
        if (!player.playing() || !video.requestVideoFrameCallback) {
            draw(time);
        }
        dramatis.timeline.time(time);
        // Who is on screen now: words and marks in lists need not change with each picture.
        const now = performance.now();
        if (now - saidAt > 200 || !player.playing()) {
            saidAt = now;
            dramatis.people.now(time);
            dramatis.timeline.say(time);
        }
    }

    // While it plays, each picture of the film draws its boxes with its own time; the cursor moves with the screen.
    function follow() {
        const mine = (tracked = {});
        const screen = () => {
            if (tracked === mine && video.isConnected && player.playing()) {
                moved();
                followMoments();
                requestAnimationFrame(screen);
            }
        };
        requestAnimationFrame(screen);
        if (video.requestVideoFrameCallback) {
            const picture = (_now, facts) => {
                if (tracked === mine && video.isConnected) {
                    draw(facts.mediaTime);
                    video.requestVideoFrameCallback(picture);
                }
            };
            video.requestVideoFrameCallback(picture);
        }
    }

    /* The parts of the page. */

    function mount() {
        video = by("film-video");
        canvas = by("film-boxes-canvas");
        windows = new Map();
        queue = null;
        time = 0;
        awaited = null;
        by("film-length").textContent = film.clock(film.data.duration, 0);
        if (video && !video.dataset.mounted) {
            video.dataset.mounted = "yes";
            video.addEventListener("play", () => {
                showPlaying();
                follow();
            });
            for (const event of ["pause", "ended"]) {
                video.addEventListener(event, () => {
                    showPlaying();
                    moved();
                });
            }
            video.addEventListener("loadedmetadata", sendAgain);
            video.addEventListener("seeked", () => {
                if (awaited !== null && Math.abs(video.currentTime - awaited) > NEAR_S && tries < TRIES) {
                    tries += 1;
                    setTimeout(sendAgain, 200);
                    return;
                }
                awaited = null;
                moved();
            });
            video.addEventListener("loadeddata", () => moved());
            video.addEventListener("error", sayCannotPlay);
            video.addEventListener("click", player.toggle);
            new ResizeObserver(() => draw()).observe(canvas);
        }
        if (video && video.error) {
            sayCannotPlay();
        }
        moved();
    }

    function sendAgain() {
        if (awaited !== null && video.isConnected) {
            video.currentTime = awaited;
        }
    }

    function sayCannotPlay() {
        by("film-cannot-play").hidden = false;
    }

    function showPlaying() {
        const playing = player.playing();
        const button = by("film-play");
        button.classList.toggle("is-playing", playing);
        button.setAttribute("aria-label", playing ? "Pause" : "Play");
    }

    const PRESSES = {
        "film-play": () => player.toggle(),
        "film-back": () => player.seek(player.current() - 5),
        "film-forward": () => player.seek(player.current() + 5),
        "film-previous": () => dramatis.timeline.appearance(-1),
        "film-next": () => dramatis.timeline.appearance(1),
        "film-moments-end": () => {
            video?.pause();
            endMoments();
        },
        "film-boxes": (button) => {
            showsBoxes = !showsBoxes;
            button.setAttribute("aria-pressed", String(showsBoxes));
            draw();
        },
        "film-mute": (button) => {
            if (video) {
                video.muted = !video.muted;
                button.setAttribute("aria-pressed", String(video.muted));
            }
        },
        "film-speed": (button) => {
            if (video) {
                video.playbackRate = SPEEDS[(SPEEDS.indexOf(video.playbackRate) + 1) % SPEEDS.length];
                button.textContent = `${video.playbackRate}×`;
                button.setAttribute("aria-label", `Speed: ${video.playbackRate} times`);
            }
        },
        "film-full": () => {
            const done = document.fullscreenElement ? document.exitFullscreen() : by("film-stage").requestFullscreen();
            done?.catch(() => {});
        },
    };

    document.addEventListener("click", (event) => {
        const button = event.target instanceof Element && event.target.closest("button");
        if (button && PRESSES[button.id] && film.here()) {
            PRESSES[button.id](button);
            return;
        }
        // Buttons that name a moment, wherever they stand: data-seek="12.5".
        const moment = event.target instanceof Element && event.target.closest("[data-seek]");
        if (moment && film.here()) {
            dramatis.timeline.goTo(Number(moment.dataset.seek));
        }
    });

    film.on((what) => {
        if (what === "data") {
            mount();
        } else if (canvas) {
            draw();
        }
    });
})();
