/* Films on their way to the server: in pieces, one film after the other, with pause and resume, over broken
   connections and reloads of the page. The list outlives the library page: one may look at other pages meanwhile. */
(function () {
    "use strict";
    const clientside = (window.dash_clientside = window.dash_clientside || {});
    const KEPT = "dramatis-uploads";
    const KEPT_DAYS = 7;
    const LONGEST_WAIT_S = 30;
    const STALLED_S = 60;
    const PIECE_S = 2;
    const MIB = 1024 * 1024;
    const NOT_FILMS = /^(image|text|font)\/|^application\/(pdf|zip|x-7z|x-rar|x-tar|gzip|json|msword|vnd\.)/;

    // {key, name, size, file?, id?, received, state, said, speed, tries, request?}
    // state: waiting | sending | paused | retrying | checking | asleep (needs its file again) | failed
    const uploads = [];
    const added = []; // films that the library page has not been told of yet

    // ---- Kept over reloads ------------------------------------------------------------------------------------------

    function keyOf(file) {
        return [file.name, file.size, file.lastModified].join("\n");
    }

    function kept() {
        try {
            const all = JSON.parse(localStorage.getItem(KEPT) || "{}");
            const oldest = Date.now() - KEPT_DAYS * 86400e3;
            return Object.fromEntries(Object.entries(all).filter(([, one]) => one.id && one.at > oldest));
        } catch {
            return {};
        }
    }

    function keep(upload) {
        const all = kept();
        if (upload.id && upload.state !== "failed") {
            all[upload.key] = { id: upload.id, name: upload.name, size: upload.size, at: Date.now() };
        } else {
            delete all[upload.key];
        }
        try {
            localStorage.setItem(KEPT, JSON.stringify(all));
        } catch {
            // Without storage everything works but resuming after a reload.
        }
    }

    function forget(upload) {
        keep({ ...upload, id: null });
    }

    // ---- Asking the server ------------------------------------------------------------------------------------------

    class Refused extends Error {
        constructor(status, answer) {
            super(answer.error || "The server refused it (status " + status + "); try again.");
            this.status = status;
            this.received = answer.received;
        }
    }

    async function asked(method, path, body) {
        const options = { method, headers: body ? { "Content-Type": "application/json" } : {} };
        const answer = await fetch(path, { ...options, body: body && JSON.stringify(body) });
        const text = await answer.text();
        let value = {};
        try {
            value = JSON.parse(text);
        } catch {
            // A refusal on the way (no session, proxy) is no JSON.
        }
        if (!answer.ok) {
            throw new Refused(answer.status, value);
        }
        return value;
    }

    // XMLHttpRequest, since fetch does not say how much of a piece has left.
    function sendPiece(upload, offset, piece) {
        return new Promise((resolve, reject) => {
            const request = new XMLHttpRequest();
            upload.request = request;
            request.open("PUT", "/upload/" + upload.id + "?offset=" + offset);
            request.setRequestHeader("Content-Type", "application/octet-stream");
            request.responseType = "json";
            // Slow is well; a connection over which nothing moves at all is broken.
            let stalled = false;
            let watch = 0;
            const alive = () => {
                window.clearTimeout(watch);
                watch = window.setTimeout(() => {
                    stalled = true;
                    request.abort();
                }, STALLED_S * 1000);
            };
            alive();
            request.upload.onprogress = (event) => {
                alive();
                moved(upload, offset + event.loaded);
            };
            request.onloadend = () => window.clearTimeout(watch);
            request.onload = () => {
                const answer = request.response || {};
                if (request.status >= 200 && request.status < 300) {
                    resolve(answer);
                } else {
                    reject(new Refused(request.status, answer));
                }
            };
            request.onerror = () => reject(new TypeError("no connection"));
            request.onabort = () =>
                reject(stalled ? new TypeError("no connection") : new DOMException("stopped", "AbortError"));
            request.send(piece);
        }).finally(() => (upload.request = null));
    }

    // ---- One upload -------------------------------------------------------------------------------------------------

    async function begin(upload) {
        const before = kept()[upload.key];
        if (!upload.id && before) {
            upload.id = before.id;
        }
        if (upload.id) {
            try {
                const known = await asked("GET", "/upload/" + upload.id);
                upload.received = known.received;
                upload.piece = known.chunk_bytes || upload.piece;
                return;
            } catch (error) {
                if (error.status !== 404) {
                    throw error;
                }
                upload.id = null; // Expired on the server: from the start.
            }
        }
        const made = await asked("POST", "/upload", { name: upload.name, size: upload.size });
        Object.assign(upload, { id: made.id, received: made.received, piece: made.chunk_bytes });
        keep(upload);
    }

    // What a connection carries in some seconds: a pause or a break costs no more than that.
    function pieceOf(upload) {
        const most = upload.piece || 4 * MIB;
        return Math.min(most, Math.max(MIB / 2, Math.round((upload.speed || 0) * PIECE_S)));
    }

    async function transfer(upload) {
        await begin(upload);
        upload.pace = { at: performance.now(), bytes: upload.received };
        while (upload.received < upload.size) {
            const offset = upload.received;
            const piece = upload.file.slice(offset, offset + pieceOf(upload));
            try {
                const answer = await sendPiece(upload, offset, piece);
                upload.received = answer.received;
                upload.tries = 0;
                keep(upload);
            } catch (error) {
                if (error.status === 409 && error.received !== undefined) {
                    upload.received = error.received; // It knows better what it has.
                } else {
                    throw error;
                }
            }
            moved(upload, upload.received);
        }
        upload.state = "checking";
        show();
        return asked("POST", "/upload/" + upload.id + "/finish");
    }

    async function work(upload) {
        upload.state = "sending";
        show();
        try {
            const film = await transfer(upload);
            forget(upload);
            uploads.splice(uploads.indexOf(upload), 1);
            added.push(film.film);
            tell();
        } catch (error) {
            failed(upload, error);
        }
        show();
        next();
    }

    function failed(upload, error) {
        if (error.name === "AbortError" || upload.state === "paused") {
            return; // Paused or cancelled by hand.
        }
        const lasting = error instanceof Refused && error.status < 500 && ![408, 429].includes(error.status);
        if (lasting || error.status === 507) {
            upload.state = "failed";
            upload.said =
                error.status === 401
                    ? "This window is no longer let in; open the address that Dramatis printed in its terminal."
                    : error.message;
            if (error.status !== 401) {
                forget(upload);
            }
            return;
        }
        if (error instanceof DOMException && error.name === "NotReadableError") {
            upload.state = "failed";
            upload.said = "The file cannot be read any more; choose it again.";
            return;
        }
        // The connection, or a server that restarts: again, ever more slowly.
        upload.tries = (upload.tries || 0) + 1;
        upload.state = "retrying";
        upload.again = Date.now() + 1000 * Math.min(LONGEST_WAIT_S, 2 ** (upload.tries - 1));
        upload.timer = window.setTimeout(() => retry(upload), upload.again - Date.now());
    }

    function retry(upload) {
        window.clearTimeout(upload.timer);
        if (upload.state === "retrying") {
            upload.state = "waiting";
            next();
        }
    }

    function next() {
        const busy = uploads.some((one) => ["sending", "checking", "retrying"].includes(one.state));
        const waiting = uploads.find((one) => one.state === "waiting" && one.file);
        if (!busy && waiting) {
            work(waiting);
        }
        show();
    }

    // Smoothed over some seconds: a figure that jumps is of no use.
    function moved(upload, bytes) {
        const now = performance.now();
        const seconds = (now - upload.pace.at) / 1000;
        if (seconds > 0.5) {
            const speed = Math.max(0, bytes - upload.pace.bytes) / seconds;
            upload.speed = upload.speed ? 0.7 * upload.speed + 0.3 * speed : speed;
            upload.pace = { at: now, bytes };
        }
        upload.sent = bytes;
        show();
    }

    // ---- What a person does -----------------------------------------------------------------------------------------

    function refusal(file) {
        if (!file.size) {
            return "is empty (0 bytes)";
        }
        return NOT_FILMS.test(file.type) ? "is not a film" : "";
    }

    function add(files) {
        for (const file of files) {
            const why = refusal(file);
            if (why) {
                window.dramatis.notify({ text: "“" + file.name + "” " + why + "; choose a film.", kind: "danger" });
                continue;
            }
            const key = keyOf(file);
            const known = uploads.find((one) => one.key === key);
            if (known && known.state !== "asleep" && known.state !== "failed") {
                continue; // On its way already.
            }
            if (known) {
                uploads.splice(uploads.indexOf(known), 1);
            }
            const id = known ? known.id : undefined;
            uploads.push({ key, file, id, name: file.name, size: file.size, received: 0, sent: 0, state: "waiting" });
        }
        next();
    }

    function pause(upload) {
        upload.state = "paused";
        window.clearTimeout(upload.timer);
        upload.request?.abort();
        upload.speed = 0;
        next();
    }

    function resume(upload) {
        upload.state = "waiting";
        upload.tries = 0;
        next();
    }

    function cancel(upload) {
        upload.state = "paused"; // So that the request that ends now is not taken for a failure.
        window.clearTimeout(upload.timer);
        upload.request?.abort();
        forget(upload);
        uploads.splice(uploads.indexOf(upload), 1);
        if (upload.id) {
            asked("DELETE", "/upload/" + upload.id).catch(() => {}); // Expires by itself otherwise.
        }
        next();
    }

    function choose(upload) {
        const input = document.createElement("input");
        input.type = "file";
        input.multiple = !upload;
        input.accept = "video/*,.mkv,.mts,.m2ts,.ts,.vob,.mxf,.ogv,.flv,.wmv,.rm,.divx";
        input.addEventListener("change", () => add(input.files));
        input.click();
    }

    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-upload]");
        if (!button) {
            return;
        }
        const upload = uploads.find((one) => one.key === button.dataset.key);
        const acts = { choose, pause, resume, cancel, retry, again: resume };
        const act = acts[button.dataset.upload];
        if (act) {
            act(upload);
        }
    });

    // ---- Dropping ---------------------------------------------------------------------------------------------------

    let depth = 0;

    function holdsFiles(event) {
        return window.location.pathname === "/" && [...(event.dataTransfer?.types || [])].includes("Files");
    }

    function mark(on) {
        document.documentElement.classList.toggle("dropping", on);
    }

    window.addEventListener("dragenter", (event) => {
        if (holdsFiles(event)) {
            depth += 1;
            mark(true);
        }
    });
    window.addEventListener("dragleave", () => {
        depth = Math.max(0, depth - 1);
        if (!depth) {
            mark(false);
        }
    });
    window.addEventListener("drop", (event) => {
        depth = 0;
        mark(false);
        if (!holdsFiles(event)) {
            return;
        }
        event.preventDefault();
        const items = [...event.dataTransfer.items].filter((item) => item.kind === "file");
        const folders = items.filter((item) => item.webkitGetAsEntry?.()?.isDirectory);
        if (folders.length) {
            const text = "That is a folder; drop the films in it.";
            window.dramatis.notify({ text, kind: "danger" });
        }
        add(items.filter((item) => !folders.includes(item)).map((item) => item.getAsFile()).filter(Boolean));
    });

    window.addEventListener("beforeunload", (event) => {
        if (uploads.some((one) => ["sending", "retrying", "checking", "waiting"].includes(one.state))) {
            event.preventDefault();
        }
    });

    window.addEventListener("online", () => uploads.filter((one) => one.state === "retrying").forEach(retry));

    // ---- Showing ----------------------------------------------------------------------------------------------------

    function inWords(bytes) {
        const [unit, size] = bytes >= 1e9 ? ["GB", 1e9] : bytes >= 1e6 ? ["MB", 1e6] : ["kB", 1e3];
        const number = bytes / size;
        return (number < 10 ? number.toFixed(1) : number.toFixed(0)) + " " + unit;
    }

    function leftInWords(seconds) {
        if (!Number.isFinite(seconds)) {
            return "";
        }
        if (seconds < 10) {
            return "a few seconds left";
        }
        if (seconds < 60) {
            return "about " + Math.ceil(seconds / 10) * 10 + " s left";
        }
        const minutes = Math.round(seconds / 60);
        const hours = Math.floor(minutes / 60);
        return "about " + (hours ? hours + " h " + (minutes % 60) + " min left" : minutes + " min left");
    }

    function status(one) {
        const sent = one.sent || one.received || 0;
        const amount = inWords(sent) + " of " + inWords(one.size);
        switch (one.state) {
            case "waiting":
                return "Waits for the film before it";
            case "sending":
                return one.speed
                    ? [amount, inWords(one.speed) + "/s", leftInWords((one.size - sent) / one.speed)].join(" · ")
                    : amount;
            case "paused":
                return "Paused at " + amount;
            case "retrying":
                return "The connection broke; trying again in " + secondsUntil(one.again) + " s";
            case "checking":
                return "Checking the film";
            case "asleep":
                return (one.received ? amount + " are here" : "Not finished") + ": choose the file again, and it goes on";
            default:
                return one.said;
        }
    }

    function secondsUntil(moment) {
        return Math.max(0, Math.ceil((moment - Date.now()) / 1000));
    }

    const BUTTONS = {
        waiting: [["cancel", "Cancel"]],
        sending: [["pause", "Pause"], ["cancel", "Cancel"]],
        paused: [["resume", "Resume"], ["cancel", "Cancel"]],
        retrying: [["retry", "Try now"], ["pause", "Pause"], ["cancel", "Cancel"]],
        checking: [],
        asleep: [["choose", "Choose the file"], ["cancel", "Discard"]],
        failed: [["again", "Try again"], ["cancel", "Dismiss"]],
    };

    function element(tag, className, text) {
        const made = document.createElement(tag);
        made.className = className;
        if (text !== undefined) {
            made.textContent = text;
        }
        return made;
    }

    function rowOf(one) {
        const row = element("div", "upload");
        const head = element("div", "job-head");
        head.append(element("span", "job-title"), element("span", "job-percent"));
        const bar = element("div", "job-bar");
        bar.setAttribute("role", "progressbar");
        bar.setAttribute("aria-label", "Upload of " + one.name);
        bar.setAttribute("aria-valuemin", "0");
        bar.setAttribute("aria-valuemax", "100");
        bar.append(element("div", "job-bar-done"));
        const foot = element("div", "job-foot");
        foot.append(element("span", "job-status"), element("span", "job-buttons"));
        row.append(head, bar, foot);
        row.dataset.key = one.key;
        return row;
    }

    function fill(row, one) {
        const part = (name) => row.querySelector("." + name);
        const percent = one.size ? Math.floor((100 * (one.sent || one.received || 0)) / one.size) : 0;
        row.dataset.state = one.state;
        part("job-title").textContent = part("job-title").title = one.name;
        part("job-percent").textContent = ["asleep", "failed"].includes(one.state) ? "" : percent + " %";
        part("job-bar").setAttribute("aria-valuenow", String(percent));
        part("job-bar").hidden = one.state === "failed";
        part("job-bar-done").style.width = percent + "%";
        const words = status(one);
        if (part("job-status").textContent !== words) {
            part("job-status").textContent = words;
        }
        if (row.dataset.buttons !== one.state) {
            row.dataset.buttons = one.state;
            part("job-buttons").replaceChildren(
                ...BUTTONS[one.state].filter(([act]) => act !== "again" || one.file).map(([act, label]) => {
                    const button = element("button", "link-button", label);
                    button.type = "button";
                    button.dataset.upload = act;
                    button.dataset.key = one.key;
                    button.setAttribute("aria-label", label + " " + one.name);
                    return button;
                }),
            );
        }
    }

    let planned = false;

    function show() {
        if (!planned) {
            planned = true;
            window.requestAnimationFrame(draw);
        }
    }

    function draw() {
        planned = false;
        const place = document.getElementById("library-uploads");
        if (place) {
            const rows = new Map([...place.children].map((row) => [row.dataset.key, row]));
            const wanted = uploads.map((one) => rows.get(one.key) || rowOf(one));
            uploads.forEach((one, i) => fill(wanted[i], one));
            if (wanted.length !== place.children.length || wanted.some((row, i) => place.children[i] !== row)) {
                place.replaceChildren(...wanted);
            }
        }
        drawElsewhere(!place);
    }

    // On other pages: one small line that leads back.
    function drawElsewhere(elsewhere) {
        const active = uploads.filter((one) => !["asleep", "failed"].includes(one.state));
        let chip = document.getElementById("upload-chip");
        if (!elsewhere || !active.length) {
            chip?.remove();
            return;
        }
        if (!chip) {
            chip = element("button", "upload-chip");
            chip.id = "upload-chip";
            chip.type = "button";
            chip.addEventListener("click", () => clientside.set_props("shell-location", { href: "/" }));
            document.body.append(chip);
        }
        const size = active.reduce((sum, one) => sum + one.size, 0);
        const sent = active.reduce((sum, one) => sum + (one.sent || one.received || 0), 0);
        const what = active.length === 1 ? active[0].name : active.length + " films";
        chip.textContent = "Uploading " + what + ": " + Math.floor((100 * sent) / size) + " %";
    }

    // ---- The library page comes and goes ----------------------------------------------------------------------------

    function tell() {
        if (!document.getElementById("library-uploads")) {
            if (added.length) {
                const text = added.length === 1 ? "The film is there." : added.length + " films are there.";
                window.dramatis.notify({ text, kind: "success", link: ["Say who is in it", "/"] });
            }
            return;
        }
        // One at a time: each is a callback that adds to what the one before it left.
        const film = added.shift();
        if (film) {
            clientside.set_props("library-added", { data: { film, n: Date.now() } });
            window.setTimeout(tell, 400);
        }
    }

    function wakeUp() {
        for (const [key, one] of Object.entries(kept())) {
            const upload = { key, id: one.id, name: one.name, size: one.size, received: 0, state: "asleep" };
            uploads.push(upload);
            asked("GET", "/upload/" + one.id).then(
                (known) => {
                    upload.received = known.received;
                    show();
                },
                (error) => {
                    if (error.status === 404 && upload.state === "asleep") {
                        forget(upload);
                        uploads.splice(uploads.indexOf(upload), 1);
                        show();
                    }
                },
            );
        }
    }

    let there = false;

    function look() {
        const now = Boolean(document.getElementById("library-uploads"));
        if (now !== there) {
            there = now;
            show();
            if (now && added.length) {
                window.setTimeout(tell, 300);
            }
        }
    }

    wakeUp();
    new MutationObserver(look).observe(document.documentElement, { childList: true, subtree: true });
    // The countdown to the next try.
    window.setInterval(() => uploads.some((one) => one.state === "retrying") && show(), 1000);
})();
