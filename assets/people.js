/* The list of people: put together once, filtered by hiding rows, and named in place.

   What a person types is text, never markup: rows are made of elements, not of strings. */
(function () {
    "use strict";

    const dramatis = (window.dramatis = window.dramatis || {});
    const film = dramatis.film;

    // Rows shown before the list is folded; more are there after a press.
    const FOLDED = 60;
    // Rows laid out before the page is painted for the first time: what is in view, and the rest a moment later.
    const AT_FIRST = 12;
    const NAME_LENGTH = 100;
    // Less of what is hard to see is not worth a word.
    const LEAST_HARD_S = 0.05;

    let body = null;
    let rows = [];
    // The row that stands for the passers-by, and in which order the rows are in the page.
    let foldRow = null;
    let order = "";
    let unfolded = false;
    let atFirst = false;
    let editing = -1;

    dramatis.people = { now, edit };

    /* Rows. */

    function build() {
        body = document.getElementById("film-people-rows");
        const { ids } = film.data;
        rows = ids.map(row);
        foldRow = folder();
        order = "";
        unfolded = false;
        editing = -1;
        atFirst = true;
        filter();
        select();
        requestAnimationFrame(() =>
            setTimeout(() => {
                atFirst = false;
                filter();
            }),
        );
    }

    function row(_, i) {
        const element = film.element(
            "tr",
            { "data-person": i },
            film.element("td", { class: "who-picture" }, picture(i)),
            film.element(
                "td",
                { class: "who-words" },
                film.element("div", { class: "who-title" }),
                film.element("div", { class: "who-doubt" }),
                film.element("div", { class: "who-when" }),
                film.element("div", { class: "who-hard" }),
            ),
            film.element("td", { class: "who-time" }),
        );
        title(element, i);
        figures(element, i);
        return element;
    }

    // When and for how long, as it is counted.
    function figures(element, i) {
        const { seconds, order } = film.counted;
        const bars = film.counted.bars[i];
        if (!bars.length) {
            return;
        }
        const [first, last] = [bars[0], bars[bars.length - 1]];
        const times = bars.length / 2;
        const share = film.data.duration > 0 ? seconds[i] / film.data.duration : 0;
        // The longest one is the measure of the others.
        const fill = film.element("span", { class: "share-fill" });
        fill.style.width = `${Math.max(0.5, (100 * seconds[i]) / Math.max(seconds[order[0]], 1e-9))}%`;
        element
            .querySelector(".who-when")
            .replaceChildren(
                `${times} ${times === 1 ? "time" : "times"} · `,
                moment(first, first, "First seen at"),
                " – ",
                moment(Math.max(first, last - 0.5), last, "Last seen until"),
                " · ",
                faces(i),
            );
        const hard = film.secondsOf(film.data.hard[i], 0, Infinity);
        const about = element.querySelector(".who-hard");
        about.hidden = hard < LEAST_HARD_S;
        about.textContent = `${film.amount(hard)} ${film.counted.hard ? "hard to see" : "left out"}`;
        element
            .querySelector(".who-time")
            .replaceChildren(
                film.element("span", { class: "who-seconds", title: film.reason(i) }, film.clock(seconds[i])),
                ...bounds(i),
                film.element(
                    "span",
                    { class: "who-share" },
                    film.element("span", { class: "share", "aria-hidden": "true" }, fill),
                    film.element("span", {}, film.percent(share)),
                ),
            );
    }

    // The least and the most that the seconds can be. They count every moment, so there are none where some do not count.
    function bounds(i) {
        if (!film.data.bounds[i] || !film.counted.hard) {
            return [];
        }
        const [low, high] = film.data.bounds[i];
        const why = `At the least ${low}, at the most ${high}: doubtful tracks, gaps and the sampling step`;
        return [film.element("span", { class: "who-bounds", title: why }, `${low} to ${high}`)];
    }

    // A person without a picture keeps the frame and gets a letter.
    function picture(i) {
        const src = film.data.faces[i];
        const without = () => film.element("span", { class: "who-face is-letter", "aria-hidden": "true" }, letter(i));
        if (!src) {
            return without();
        }
        const loading = i < 8 ? "eager" : "lazy";
        const face = film.element("img", { class: "who-face", src, alt: "", loading, width: 40, height: 40 });
        face.addEventListener("error", () => face.replaceWith(without()));
        return face;
    }

    function letter(i) {
        return film.data.known[i] || film.data.hand[i] ? film.name(i).slice(0, 1).toLocaleUpperCase() : "?";
    }

    function moment(to, shown, words) {
        const clock = film.clock(shown, 0);
        return film.element(
            "button",
            { type: "button", class: "link", "data-seek": to, "aria-label": `${words} ${clock}: go there` },
            clock,
        );
    }

    // To the page where the person's faces are looked through and corrected.
    function faces(i) {
        const { token, ids } = film.data;
        const href = `/person?film=${encodeURIComponent(token)}&id=${encodeURIComponent(ids[i])}`;
        const look = { class: "link", href, "data-here": true, "aria-label": `All faces of ${film.name(i)}` };
        return film.element("a", look, "Faces");
    }

    // The name and what kind of name it is: given by the cast's pictures, by a person, or a number.
    function title(element, i) {
        const { known, hand } = film.data;
        const kind = hand[i] ? "hand" : known[i] ? "known" : "unknown";
        element.className = `who-row is-${known[i] ? "known" : "unknown"} is-${kind}`;
        element.classList.toggle("is-selected", film.selected === i);
        const label = `${film.name(i)}: change the name`;
        const look = { type: "button", class: "who-name", title: "Change the name", "aria-label": label };
        const name = film.element("button", look, film.name(i));
        let mark = "";
        if (kind === "hand") {
            mark = film.element("span", { class: "who-kind is-hand" }, "named by hand");
        } else if (kind === "unknown") {
            const hint = { type: "button", class: "who-kind is-unknown", "aria-label": `Give ${film.name(i)} a name` };
            mark = film.element("button", hint, "name …");
        }
        const doubt = doubtMark(i);
        const about = element.querySelector(".who-doubt");
        about.hidden = known[i] || !doubt;
        about.replaceChildren(...(about.hidden ? [] : [doubt]));
        element.querySelector(".who-title").replaceChildren(name, mark, ...(known[i] && doubt ? [doubt] : []));
    }

    // What is too close to call about this person; pressing it shows the next such stretch and why. Null if all is sure.
    function doubtMark(i) {
        const doubts = film.doubts(i);
        const perhaps = film.perhaps(i);
        let words = null;
        let why = "";
        if (perhaps) {
            words = [`Perhaps ${perhaps.name}`, ` · ${film.chance(perhaps.chance)}`];
            why = `Names need ${film.chance(film.data.least)}.`;
        } else if (film.data.known[i] && doubts.length) {
            words = ["", `${film.about(film.secondsOf(doubts, 0, Infinity))} doubtful`];
            why = `For so long it is less than ${film.chance(film.data.sure)} sure that this is ${film.name(i)}.`;
        }
        const look = {
            type: "button",
            class: "who-doubt-mark",
            title: `${why} Press to see the next such moment, and why.`,
            "aria-label": `${film.name(i)}: ${words?.join("")}. ${why} Go there and see why`,
        };
        return words && film.element("button", look, ...words.map((part) => film.element("span", {}, part)));
    }

    // The next doubtful stretch after the playing position, or the first; for a person without one the first bar.
    function showDoubt(i) {
        const doubts = film.doubts(i).length ? film.doubts(i) : film.counted.bars[i];
        const now = dramatis.player.current();
        let k = 0;
        while (k < doubts.length && doubts[k] <= now + 0.05) {
            k += 2;
        }
        const start = doubts[k < doubts.length ? k : 0];
        film.select(i);
        dramatis.timeline.goTo(start + 0.01);
        dramatis.timeline.ask(i, start + 0.01);
    }

    /* Filters and folding. */

    // The last row but for the passers-by themselves; it counts them and unfolds them.
    function folder() {
        const words = { type: "button", class: "whos-fold fold-mark" };
        return film.element("tr", {}, film.element("td", { colspan: 3 }, film.element("button", words)));
    }

    // Longest first, passers-by after everybody else. Rows are moved only when that changes: it takes the focus from
    // them.
    function arrange() {
        const { passersBy } = film;
        const now = `${film.counted.order.join()} ${passersBy.join()}`;
        if (now === order && body.firstChild) {
            return;
        }
        order = now;
        const last = new Set(passersBy);
        const focused = body.contains(document.activeElement) ? document.activeElement : null;
        const people = film.counted.order.filter((i) => !last.has(i)).map((i) => rows[i]);
        body.replaceChildren(...people, ...(last.size ? [foldRow, ...passersBy.map((i) => rows[i])] : []));
        focused?.focus({ preventScroll: true });
    }

    function tellFold() {
        const n = film.passersBy.length;
        const total = film.sum(film.passersBy);
        const words = `${n} ${n === 1 ? "passer-by" : "passers-by"}`;
        const together = `, ${total < 60 ? `${total.toFixed(1)} s` : film.about(total)}${n === 1 ? "" : " together"}`;
        const inTimeline = document.getElementById("film-passers-by");
        inTimeline.hidden = n === 0;
        inTimeline.textContent = words;
        inTimeline.title = film.folded ? "Show them in timeline, list and charts" : "Fold them away";
        const inList = foldRow.querySelector("button");
        inList.textContent = words + together;
        for (const button of [inTimeline, inList]) {
            button.setAttribute("aria-expanded", String(!film.folded));
        }
    }

    // Whom "Main people only" leaves out, and why.
    function tellLeftOut() {
        const words = document.getElementById("film-main-words");
        document.getElementById("film-main-all").hidden = !film.leftOut?.all;
        if (!film.leftOut) {
            words.textContent = "";
            return;
        }
        const { all, passersBy } = film.leftOut;
        const share = film.percent(film.data.main_share);
        const longest = `${share} of ${film.name(film.counted.order[0])}’s ${film.about(film.counted.seconds[film.counted.order[0]])}`;
        const groups = [];
        if (all > passersBy) {
            groups.push(`${film.people(all - passersBy)} under ${longest}`);
        }
        if (passersBy) {
            groups.push(`${passersBy} ${passersBy === 1 ? "passer-by" : "passers-by"}`);
        }
        const verb = all === 1 ? "is" : "are";
        words.textContent = all ? `${film.listed(groups)} ${verb} left out.` : "Nobody is left out: all are main people.";
    }

    // What is left out because it is hard to see: how much, and who is seen in no other moment.
    function tellHard() {
        const words = document.getElementById("film-hard-words");
        const key = document.getElementById("film-key-hard");
        if (key) {
            key.hidden = !film.counted.hard;
        }
        if (film.counted.hard) {
            words.textContent = "";
            return;
        }
        const { ids, hard } = film.data;
        const seconds = hard.reduce((total, parts) => total + film.secondsOf(parts, 0, Infinity), 0);
        const gone = ids.map((_, i) => i).filter((i) => !film.counted.order.includes(i));
        const who = gone.length > 3 ? film.people(gone.length) : film.listed(gone.map(film.name));
        const whole = gone.length ? `, and with them ${who}, seen in no other moment` : "";
        const bounds = film.data.bounds.some(Boolean) ? " The least and the most count every moment, so they are not shown." : "";
        words.textContent = `${film.amount(seconds)} of hard-to-see moments left out${whole}.${bounds}`;
    }

    function filter() {
        if (!body || !body.isConnected || rows.length !== film.data.ids.length) {
            return;
        }
        const shown = new Set(film.shown);
        let n = 0;
        const passersBy = new Set(film.passersBy);
        film.counted.order.forEach((i) => {
            const element = rows[i];
            const wanted = shown.has(i);
            n += wanted && !passersBy.has(i) ? 1 : 0;
            const late = !passersBy.has(i) && n > (atFirst ? AT_FIRST : unfolded ? Infinity : FOLDED);
            element.hidden = !wanted || late;
            element.querySelector(".who-seconds").title = film.reason(i);
        });
        arrange();
        tellFold();
        tellLeftOut();
        tellHard();
        const count = document.getElementById("film-people-count");
        const left = n + passersBy.size;
        count.textContent = left === rows.length ? film.people(left) : `${left} of ${rows.length} people`;
        const more = document.getElementById("film-people-more");
        more.hidden = n <= FOLDED || unfolded;
        more.textContent = `Show all ${n}`;
        document.getElementById("film-people-none").hidden = n > 0;
    }

    function choose() {
        rows.forEach((element, i) => {
            element.classList.toggle("is-selected", i === film.selected);
            element.setAttribute("aria-selected", String(i === film.selected));
        });
    }

    function select() {
        choose();
        // In the next frame, where the list is laid out at any rate: asking now would do it twice.
        requestAnimationFrame(reveal);
    }

    function reveal() {
        const chosen = rows[film.selected];
        const list = body?.closest(".whos-scroll");
        // Within the list alone: the page itself must not jump.
        if (chosen && list && list.scrollHeight > list.clientHeight) {
            const top = chosen.offsetTop - list.querySelector("thead").offsetHeight;
            if (top < list.scrollTop || top + chosen.offsetHeight > list.scrollTop + list.clientHeight) {
                list.scrollTop = top - 60;
            }
        }
    }

    // Who is on screen at t carries a mark.
    function now(t) {
        if (body && body.isConnected && film.here()) {
            const live = new Set(film.present(t));
            rows.forEach((element, i) => element.classList.toggle("is-now", live.has(i)));
        }
    }

    /* Names. */

    function edit(i) {
        if (editing >= 0) {
            stop(false);
        }
        editing = i;
        film.select(i);
        const stranger = !film.data.known[i] && !film.data.hand[i];
        const input = film.element("input", {
            class: "who-input",
            type: "text",
            maxlength: NAME_LENGTH,
            placeholder: `Name of ${film.name(i)}`,
            "aria-label": `Name of ${film.name(i)}; Enter keeps it, Escape leaves it as it was`,
            autocomplete: "off",
            spellcheck: "false",
        });
        input.value = stranger ? "" : film.name(i);
        const hint = film.element("span", { class: "who-hint" }, "Enter keeps it, Esc leaves it as it was");
        rows[i].querySelector(".who-title").replaceChildren(input);
        rows[i].querySelector(".who-words").append(hint);
        rows[i].classList.add("is-editing");
        input.addEventListener("keydown", (event) => {
            if (event.key === "Enter" && !event.isComposing) {
                event.preventDefault();
                keep(i, input.value);
            } else if (event.key === "Escape") {
                event.preventDefault();
                event.stopPropagation();
                stop(true);
            }
        });
        input.addEventListener("blur", () => {
            if (editing === i) {
                stop(false);
            }
        });
        input.focus();
        input.select();
    }

    function keep(i, typed) {
        const name = typed.trim().replace(/\s+/g, " ");
        stop(true);
        if (name && name !== film.name(i)) {
            window.dash_clientside.set_props("film-rename", {
                data: { person: film.data.ids[i], name, n: Date.now() },
            });
        }
    }

    function stop(focus) {
        const i = editing;
        editing = -1;
        if (i >= 0 && rows[i]) {
            rows[i].querySelector(".who-hint")?.remove();
            title(rows[i], i);
            if (focus) {
                rows[i].querySelector(".who-name").focus();
            }
        }
    }

    /* One listener for every row. */

    document.addEventListener("click", (event) => {
        if (!(event.target instanceof Element) || !film.here()) {
            return;
        }
        if (event.target.closest("#film-passers-by, .whos-fold")) {
            film.fold(!film.folded);
            const list = body.closest(".whos-scroll");
            if (!film.folded && list.contains(event.target)) {
                // Those who came are below; the last people above stay in sight.
                list.scrollTop = foldRow.offsetTop - 60;
            }
            return;
        }
        if (event.target.closest("#film-main-all")) {
            window.dash_clientside.set_props("film-main-only", { value: false });
            document.getElementById("film-main-only").focus();
            return;
        }
        if (event.target.closest("#film-people-more")) {
            unfolded = true;
            filter();
            return;
        }
        const element = event.target.closest("#film-people-rows tr[data-person]");
        if (!element || event.target.closest("input")) {
            return;
        }
        const i = Number(element.dataset.person);
        if (event.target.closest(".who-doubt-mark")) {
            showDoubt(i);
        } else if (event.target.closest(".who-name, button.who-kind")) {
            edit(i);
        } else {
            film.select(i);
        }
    });

    film.on((what) => {
        if (what === "data") {
            build();
        } else if (!body || !body.isConnected) {
            return;
        } else if (what === "names") {
            rows.forEach((element, i) => {
                if (i !== editing) {
                    title(element, i);
                    figures(element, i);
                }
            });
        } else if (what === "count") {
            rows.forEach(figures);
        } else if (what === "filter") {
            filter();
            select();
        } else if (what === "fold") {
            // The list stays where it is: it was pressed there.
            filter();
            choose();
        } else if (what === "selection") {
            select();
        }
    });
})();
