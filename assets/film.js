/* The film page's state in the browser: the people and their moments, who is selected, whom the filters leave.

   The server sends the film once, as columns (`data` of the store "film-data"); the player, the timeline, the list of
   people and the charts read it here, and tell each other through `on`. Nothing here asks the server: what it must
   know (a new name, a question) is written to the page's stores. */
(function () {
    "use strict";

    const dramatis = (window.dramatis = window.dramatis || {});
    const listeners = [];

    // Told (what) of: "data" a film is there, "names" somebody is called otherwise, "count" other moments count,
    // "filter", "fold" passers-by are folded away or unfolded, "selection".
    const film = (dramatis.film = {
        data: null,
        // What counts: {hard: whether moments do that are hard to see, order: who is seen, longest first, and by
        // position bars, doubts, seconds, main, reasons}.
        counted: null,
        shown: [],
        // Passers-by that the filters leave, and whether they are folded away; unfolded they end `shown`. {all, passersBy}
        // of those whom "Main people only" leaves out, null without it.
        passersBy: [],
        folded: true,
        leftOut: null,
        selected: -1,
        on(listener) {
            listeners.push(listener);
        },
        // Whether the page is still the one that was mounted: Dash takes it away without telling.
        here() {
            return film.data !== null && document.getElementById("film-timeline") !== null;
        },
        name(i) {
            return film.data.names[i];
        },
        select(i) {
            if (film.selected !== i) {
                film.selected = i;
                tell("selection");
            }
        },
        // Unfolds the passers-by, or folds them away again.
        fold(folded) {
            film.folded = folded;
            refilter("fold");
        },
        index(personId) {
            return film.data ? film.data.ids.indexOf(personId) : -1;
        },
    });

    function tell(what) {
        for (const listener of listeners) {
            listener(what);
        }
    }

    /* Moments. The bars of a person are [start, end, start, end, ...], rising and disjoint. */

    // The position of the first bar that ends after t, the number of bars if there is none.
    film.barAfter = function (bars, t) {
        let low = 0;
        let high = bars.length / 2;
        while (low < high) {
            const middle = (low + high) >> 1;
            if (bars[2 * middle + 1] > t) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    };

    // The number of the bar that holds t, -1 if none does.
    film.barAt = function (bars, t) {
        const k = film.barAfter(bars, t);
        return 2 * k < bars.length && bars[2 * k] <= t ? k : -1;
    };

    // The bars that are left of `bars` without the moments of `others`.
    film.without = function (bars, others) {
        const left = [];
        for (let k = 0, n = 0; k < bars.length; k += 2) {
            let at = bars[k];
            for (; n < others.length && others[n] < bars[k + 1]; n += 2) {
                if (others[n] > at) {
                    left.push(at, others[n]);
                }
                at = Math.max(at, others[n + 1]);
                if (others[n + 1] > bars[k + 1]) {
                    break;
                }
            }
            if (at < bars[k + 1]) {
                left.push(at, bars[k + 1]);
            }
        }
        return left;
    };

    // The parts of a person's bars in which the answer is doubtful. Who named a stranger has ended the doubt.
    film.doubts = (i) => (film.data.hand[i] && !film.data.known[i] ? [] : film.counted.doubts[i]);

    // The parts of a person's bars in which the face is hard to see: none where such moments do not count.
    film.hard = (i) => (film.counted.hard ? film.data.hard[i] : []);

    // How many seconds from start to end are among the moments of `parts`.
    film.secondsOf = function (parts, start, end) {
        let seconds = 0;
        for (let k = film.barAfter(parts, start); 2 * k < parts.length && parts[2 * k] < end; k += 1) {
            seconds += Math.min(end, parts[2 * k + 1]) - Math.max(start, parts[2 * k]);
        }
        return seconds;
    };

    // Who of the cast a stranger may be, {name, chance}, or null.
    film.perhaps = function (i) {
        const found = film.data.hand[i] ? 0 : film.data.perhaps[i];
        return found ? { name: typeof found[0] === "number" ? film.name(found[0]) : found[0], chance: found[1] } : null;
    };

    // Whether the filters leave this one; passers-by that are folded away too.
    film.left = (i) => film.shown.includes(i) || film.passersBy.includes(i);

    // Everybody on screen at t, by position, of those that the filters leave.
    film.present = function (t) {
        return film.counted.order.filter((i) => film.left(i) && film.barAt(film.counted.bars[i], t) >= 0);
    };

    // A stranger on screen for so short a time that nobody looks for them; who gave a name has met a person.
    film.isPasserBy = (i) => !film.data.known[i] && !film.data.hand[i] && film.counted.seconds[i] < wanted.passerBy;

    // Why somebody counts as one of the main people, as another, or as a passer-by.
    film.reason = (i) =>
        film.isPasserBy(i)
            ? `Passer-by: ${film.counted.seconds[i].toFixed(1)} s in all, under ${wanted.passerBy} s`
            : `${film.counted.main[i] ? "Main" : "Other"} person: ${film.counted.reasons[i]}`;

    // How long `people` are on screen, one after the other.
    film.sum = (people) => people.reduce((total, i) => total + film.counted.seconds[i], 0);

    // The moments that two people share, as [[start, end], ...].
    film.together = function (i, j) {
        const a = film.counted.bars[i];
        const b = film.counted.bars[j];
        const common = [];
        for (let x = 0, y = 0; x < a.length && y < b.length; ) {
            const start = Math.max(a[x], b[y]);
            const end = Math.min(a[x + 1], b[y + 1]);
            if (start < end) {
                common.push([start, end]);
            }
            if (a[x + 1] < b[y + 1]) {
                x += 2;
            } else {
                y += 2;
            }
        }
        return common;
    };

    /* Words. */

    // 754.26 -> "12:34.2", 7954 -> "2:12:34.0"; rounded down, so that a moment is never named before it is there.
    film.clock = function (seconds, digits = 1) {
        const unit = 10 ** digits;
        const ticks = Math.floor(Math.max(0, seconds) * unit + 1e-6);
        const whole = Math.floor(ticks / unit);
        const two = (n) => String(n).padStart(2, "0");
        const hours = Math.floor(whole / 3600);
        const minutes = Math.floor(whole / 60) % 60;
        const head = hours ? `${hours}:${two(minutes)}` : `${minutes}`;
        const tail = digits ? `.${String(ticks % unit).padStart(digits, "0")}` : "";
        return `${head}:${two(whole % 60)}${tail}`;
    };

    film.percent = function (share) {
        const percent = 100 * share;
        return `${percent > 0 && percent < 9.95 ? percent.toFixed(1) : Math.round(percent)} %`;
    };

    // A probability, rounded down so that what is too little is never shown as enough.
    film.chance = function (probability) {
        const percent = 100 * probability + 1e-6;
        return percent < 1 ? "under 1 %" : percent > 99.001 ? "over 99 %" : `${Math.floor(percent)} %`;
    };

    // A length in a word: "under 1 s", "34 s", "12 min".
    film.about = (seconds) =>
        seconds < 1 ? "under 1 s" : seconds < 100 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;

    // A length to be read beside others: "4.2 s", "12:34".
    film.amount = (seconds) => (seconds < 59.95 ? `${seconds.toFixed(1)} s` : film.clock(seconds, 0));

    film.people = (n) => `${n} ${n === 1 ? "person" : "people"}`;

    // ["Anna", "Bea", "Cy"] -> "Anna, Bea and Cy"
    film.listed = function (names) {
        return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names[names.length - 1]}`;
    };

    film.element = function (tag, attributes = {}, ...children) {
        const element = document.createElement(tag);
        for (const [name, value] of Object.entries(attributes)) {
            if (value !== null && value !== undefined && value !== false) {
                element.setAttribute(name, value === true ? "" : value);
            }
        }
        element.append(...children);
        return element;
    };

    // The colours of today's theme, asked for again whenever it changes.
    film.colours = function () {
        const style = getComputedStyle(document.documentElement);
        const colour = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
        return {
            ground: colour("--ground", "#faf8f5"),
            raised: colour("--raised", "#ffffff"),
            text: colour("--text", "#1d1a1b"),
            soft: colour("--soft", "#5b5456"),
            line: colour("--line", "#e2dcd6"),
            accent: colour("--accent", "#7a1f3d"),
            known: colour("--known", "#31688e"),
            unknown: colour("--unknown", "#8a8084"),
        };
    };

    /* What counts. */

    let made = { data: null, clear: null };

    function count(hard) {
        const { data } = film;
        if (hard || !data.clear) {
            const { bars, doubts, seconds, main, reasons } = data;
            return { hard: true, order: data.ids.map((_, i) => i), bars, doubts, seconds, main, reasons };
        }
        if (made.data !== data) {
            const clear = (lists) => lists.map((bars, i) => film.without(bars, data.hard[i]));
            made = { data, clear: { hard: false, bars: clear(data.bars), doubts: clear(data.doubts), ...data.clear } };
        }
        // Less than the millisecond that bars are rounded to is nothing.
        const order = data.clear.order.filter((i) => made.clear.bars[i].length);
        return { ...made.clear, order, reasons: data.clear_reasons };
    }

    /* Filters. */

    const SHORTEST = [0, 0.5, 1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1200, 1800, 3600];
    let wanted = null;
    const everybody = (data) => ({
        search: "",
        unknowns: true,
        main: false,
        hard: document.getElementById("film-hard")?.checked ?? true,
        passerBy: data.passer_by,
        shortest: 0,
    });

    function applyFilter() {
        const { plain } = window.dramatis;
        const search = plain(wanted.search.trim());
        const { names, known, hand } = film.data;
        film.counted = count(wanted.hard);
        const { order, seconds, main } = film.counted;
        const fit = order.filter(
            (i) =>
                (wanted.unknowns || known[i] || hand[i]) &&
                seconds[i] >= wanted.shortest &&
                (!search || plain(names[i]).includes(search)),
        );
        const left = wanted.main ? fit.filter((i) => main[i] && !film.isPasserBy(i)) : fit;
        const passersBy = wanted.main ? fit.filter(film.isPasserBy).length : 0;
        film.leftOut = wanted.main ? { all: fit.length - left.length, passersBy } : null;
        const people = left.filter((i) => !film.isPasserBy(i));
        // Where there is nobody else, as after a search for one of them, nothing is folded.
        film.passersBy = people.length ? left.filter(film.isPasserBy) : [];
        film.shown = people.length ? [...people, ...(film.folded ? [] : film.passersBy)] : left;
        if (!film.shown.includes(film.selected)) {
            film.selected = film.shown.length ? film.shown[0] : -1;
        }
    }

    // As a filter does, for what changes without one.
    function refilter(what) {
        applyFilter();
        tell(what);
        window.dash_clientside.set_props("film-shown", { data: film.shown });
    }

    /* What Dash calls. */

    function whenThere(id, then, tries = 120) {
        if (document.getElementById(id)) {
            then();
        } else if (tries > 0) {
            requestAnimationFrame(() => whenThere(id, then, tries - 1));
        }
    }

    // The moment that the address names, ?t=12.5: gone to once, not again when the page's film is put together anew.
    function seekAsked() {
        const page = document.getElementById("film-page");
        const asked = new URLSearchParams(window.location.search).get("t");
        if (page && asked && page.dataset.sought !== asked && Number.isFinite(Number(asked))) {
            page.dataset.sought = asked;
            dramatis.timeline.goTo(Number(asked));
        }
    }

    window.dash_clientside = window.dash_clientside || {};
    window.dash_clientside.film = {
        // The film is there: its page has been put together, or put together anew.
        mount(data) {
            if (data) {
                whenThere("film-timeline", () => {
                    const same = film.data && film.data.token === data.token;
                    film.data = data;
                    film.selected = same ? Math.min(film.selected, data.ids.length - 1) : 0;
                    wanted = everybody(data);
                    film.folded = true;
                    applyFilter();
                    tell("data");
                    seekAsked();
                });
            }
            return window.dash_clientside.no_update;
        },
        // Somebody got a name, or lost it again.
        rename(names) {
            if (names && film.data) {
                film.data.names = names.names;
                film.data.hand = names.hand;
                film.data.reasons = names.reasons;
                film.data.clear_reasons = names.clear_reasons;
                tell("names");
                // Who got a name is no passer-by any more.
                refilter("filter");
            }
            return window.dash_clientside.no_update;
        },
        // The filters' controls -> the positions of the people who are left, and the words beside the slider.
        filter(search, unknowns, main, hard, passerBy, step, data) {
            if (!data) {
                return [window.dash_clientside.no_update, window.dash_clientside.no_update];
            }
            if (!film.data || film.data.token !== data.token || film.data.analysis !== data.analysis) {
                film.data = data;
            }
            wanted = {
                search: search || "",
                unknowns: Boolean(unknowns),
                main: Boolean(main),
                hard: Boolean(hard),
                // While the field is empty, or holds no number, nobody is folded away.
                passerBy: Number(passerBy) || 0,
                shortest: SHORTEST[Number(step) || 0],
            };
            const before = film.counted?.hard;
            applyFilter();
            if (film.counted.hard !== before) {
                tell("count");
            }
            tell("filter");
            const { shortest } = wanted;
            const words = shortest < 60 ? `${shortest} s` : `${shortest / 60} min`;
            return [film.shown, shortest ? words : "any time"];
        },
        // Where report and files are that count as the page does.
        links(hard, token) {
            const clear = hard === false ? "count=clear" : "";
            const file = (kind) => `/media/${token}/screentime.${kind}${clear && `?${clear}`}`;
            return [`/report?id=${token}${clear && `&${clear}`}`, file("csv"), file("json")];
        },
    };

    // Colours are painted, not styled, on canvases: a new theme is a new picture.
    function watchTheme() {
        new MutationObserver(() => film.here() && tell("theme")).observe(document.documentElement, {
            attributes: true,
            attributeFilter: ["data-bs-theme", "data-theme", "class"],
        });
        matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => film.here() && tell("theme"));
    }
    watchTheme();

    document.addEventListener("click", (event) => {
        if (event.target.id === "report-print") {
            window.print();
        }
    });

    /* The keyboard, wherever the focus is on this page, unless it is where keys mean something else. */

    const KEEPS_KEYS = "input, textarea, select, [contenteditable], dialog, .offcanvas.show input, .modal";
    const KEEPS_SPACE = "button, a, summary, [role=tab], [role=radio]";

    document.addEventListener("keydown", (event) => {
        if (!film.here() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) {
            return;
        }
        const on = event.target instanceof Element ? event.target : document.body;
        if (on.closest(KEEPS_KEYS) || (event.key === " " && on.closest(KEEPS_SPACE))) {
            return;
        }
        const onTimeline = on.closest("#film-timeline") !== null;
        if (dramatis.timeline.key(event.key, event.shiftKey, onTimeline)) {
            event.preventDefault();
        }
    });
})();
