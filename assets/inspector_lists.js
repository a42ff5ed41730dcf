/* What may be wrong, as lists: two names of one person, two people under one name, pictures that are there twice. */
(function () {
    "use strict";

    const dramatis = window.dramatis;
    const { inspector } = dramatis;

    const MOST_FACES = 8;
    const MOST_TWICE = 60;

    function face(k, more = {}) {
        const { element } = dramatis.film;
        return element("span", { class: "in-face", title: `${inspector.name(k)}, ${inspector.where(k)}`, ...more },
            dramatis.person.face(inspector.picture(k), inspector.name(k), "in-face-picture", 72));
    }

    function button(words, then, look = "btn btn-sm btn-outline-secondary", label = words) {
        const made = dramatis.film.element("button", { type: "button", class: look, "aria-label": label }, words);
        made.addEventListener("click", then);
        return made;
    }

    const choose = (rows) => {
        inspector.choose(rows.map((k) => inspector.data.key[k]));
        document.querySelector(".in-faces").scrollIntoView({ block: "nearest" });
    };

    function show(owner, rows = []) {
        inspector.filter({ owner, n_faces: null, height: null, quality: null, odd: null });
        dramatis.inspectorFilters();
        choose(rows);
    }

    function row(faces, title, facts, buttons, isLikely = false) {
        const { element } = dramatis.film;
        return element(
            "li",
            { class: isLikely ? "in-row is-likely" : "in-row" },
            element("div", { class: "in-row-faces" }, ...faces),
            element("div", { class: "in-row-words" }, element("strong", {}, title), element("span", { class: "soft" }, facts)),
            element("div", { class: "in-row-acts" }, ...buttons),
        );
    }

    function same([first, second, between, excess, a, b, isLikely]) {
        const { people, may_change: mayChange } = inspector.data;
        const [one, other] = [people[first], people[second]];
        const counts = `${inspector.count(one[2])} and ${inspector.count(other[2])}`;
        const facts = `${counts}, ${between.toFixed(2)} apart on average, ${excess > 0 ? `${excess.toFixed(2)} more` : "no more"} than their own`;
        const title = `${one[1]} and ${other[1]}`;
        const look = () => {
            inspector.filter({ owner: null });
            dramatis.inspectorFilters();
            choose(inspector.data.owner.flatMap((owner, k) => (owner === first || owner === second ? [k] : [])));
        };
        const merge = () => inspector.act("merge", { first: one[0], second: other[0] });
        const buttons = [button("Choose both", look)];
        if (mayChange) {
            buttons.unshift(button("Merge", merge, "btn btn-sm btn-outline-primary", `Merge ${title}`));
        }
        return row([face(a), face(b)], title, `${facts}${isLikely ? ": looks like one person" : ""}`, buttons, isLikely);
    }

    function divided([owner, second, between, within, , isLikely]) {
        const [, name, n] = inspector.data.people[owner];
        const others = inspector.data.owner.flatMap((of, k) => (of === owner && !second.includes(k) ? [k] : []));
        const inside = within === null ? "" : `, ${within.toFixed(2)} within`;
        const facts = `${n - second.length} and ${second.length}, ${between.toFixed(2)} apart${inside}${isLikely ? ": looks like two people" : ""}`;
        const gap = dramatis.film.element("span", { class: "in-gap", "aria-hidden": "true" });
        const half = MOST_FACES / 2;
        const faces = [...others.slice(0, half).map((k) => face(k)), gap, ...second.slice(0, half).map((k) => face(k))];
        return row(faces, name, facts, [button(`Choose the ${second.length}`, () => show(owner, second))], isLikely);
    }

    function twice([a, b, apart]) {
        const names = [...new Set([inspector.name(a), inspector.name(b)])].join(" and ");
        const facts = `${inspector.where(a)} and ${inspector.where(b)}, faces ${apart.toFixed(2)} apart`;
        return row([face(a), face(b)], names, facts, [button("Choose the second", () => choose([b]))]);
    }

    function fill(which, rows, make, nothing) {
        const list = document.getElementById(`inspector-${which}`);
        if (!list) {
            return;
        }
        list.removeAttribute("aria-busy");
        const none = dramatis.film.element("li", { class: "in-none soft" }, nothing);
        list.replaceChildren(...(rows.length ? rows.map(make) : [none]));
    }

    function draw() {
        const { found, data } = inspector;
        if (!found || !data) {
            return;
        }
        // The lists are of the faces that were there when they were made.
        const there = (k) => k < data.key.length;
        fill("same", found.same.filter(([a, b, , , c, d]) => data.people[a] && data.people[b] && there(c) && there(d)), same, "There are not two people to compare.");
        fill("divided", found.divided.filter(([owner, second]) => data.people[owner] && second.every(there)), divided, "Nobody has enough pictures to be divided; four are needed.");
        fill("twice", found.twice.filter(([a, b]) => there(a) && there(b)).slice(0, MOST_TWICE), twice, "No picture is there twice.");
    }

    inspector.on((what) => {
        if (what === "found") {
            draw();
        }
    });
})();
