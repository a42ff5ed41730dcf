/* The family page: who is who in which picture. All of it is kept here, so that nothing is lost between two answers of
   the server, which draws it and says who looks like whom (dcc.Store family-state):

   people   [{key, role: "child"|"mother"|"father"|"relative", name, sex: "son"|"daughter"|"child", young, faces}]
            faces: [[photo, number of the face from 1], ...]
   groups   [photo, ...] of several people, or of somebody not said yet
   picked   [photo, number] that waits to be given to somebody, or null */
(function () {
    "use strict";
    const clientside = (window.dash_clientside = window.dash_clientside || {});
    const MOST_PEOPLE = 12; // app/services/family_people.py knows both numbers
    const MOST_FACES = 5;

    let state = empty();
    let made = null;

    function empty() {
        return {
            people: [
                person("child-1", "child", "Child"),
                person("mother", "mother", "Mother"),
                person("father", "father", "Father"),
            ],
            groups: [],
            picked: null,
        };
    }

    function person(key, role, name) {
        return { key, role, name, sex: "child", young: false, faces: [] };
    }

    function onPage() {
        return document.getElementById("family-page") !== null;
    }

    function show() {
        if (onPage()) {
            clientside.set_props("family-state", { data: structuredClone(state) });
        }
    }

    function say(sentences) {
        clientside.set_props("family-problems", { data: sentences });
    }

    function of(key) {
        return state.people.find((one) => one.key === key);
    }

    const isAt = (photo, number) => (face) => face[0] === photo && face[1] === number;

    // ---- Faces ------------------------------------------------------------------------------------------------------

    // A face belongs to one person at most.
    function give(photo, number, key) {
        const to = of(key);
        if (!to) {
            return;
        }
        const there = to.faces.some(isAt(photo, number));
        if (!there && to.faces.length >= MOST_FACES) {
            say([to.name + " has " + MOST_FACES + " pictures already, which is as many as are used."]);
            forgetUnused([photo]);
            return;
        }
        state.people.forEach((one) => (one.faces = one.faces.filter((face) => !isAt(photo, number)(face))));
        to.faces.push([photo, number]);
        state.picked = null;
    }

    function forgetUnused(photos) {
        const used = new Set([...state.groups, ...state.people.flatMap((one) => one.faces.map((face) => face[0]))]);
        const gone = photos.filter((photo) => !used.has(photo));
        if (gone.length) {
            fetch("/photos/forget", { method: "POST", body: JSON.stringify(gone) }).catch(() => {});
        }
        if (state.picked && gone.includes(state.picked[0])) {
            state.picked = null;
        }
    }

    function taken(photo, key, nFaces) {
        if (nFaces === 1 && of(key)) {
            give(photo, 1, key);
        } else {
            state.groups.push(photo);
            state.picked = nFaces === 1 ? [photo, 1] : null;
        }
        show();
    }

    function sender() {
        made = made || window.dramatis.photoSender({ status: "family-status", taken, failed: say });
        return made;
    }

    // ---- People -----------------------------------------------------------------------------------------------------

    function add(role) {
        if (state.people.length >= MOST_PEOPLE) {
            say(["A family here has at most " + MOST_PEOPLE + " people; leave somebody out first."]);
            return;
        }
        const numbers = state.people.map((one) => Number(/-(\d+)$/.exec(one.key)?.[1] || 0));
        const word = role === "child" ? "Child" : "Relative";
        const added = person(role + "-" + (Math.max(...numbers) + 1), role, unused(word));
        const last = state.people.findLastIndex((one) => one.role === role);
        state.people.splice(last < 0 ? state.people.length : last + 1, 0, added);
        focusOn = "family-name-" + added.key;
    }

    // `word` itself, or with the first number that makes it nobody else's.
    function unused(word, except) {
        const names = state.people.filter((one) => one.key !== except).map((one) => window.dramatis.plain(one.name));
        let name = word;
        for (let n = 2; names.includes(window.dramatis.plain(name)); n += 1) {
            name = word + " " + n;
        }
        return name;
    }

    let focusOn = null; // the field that is drawn next, and is to be typed into

    function leave(key) {
        const gone = of(key).faces.map((face) => face[0]);
        state.people = state.people.filter((one) => one.key !== key);
        forgetUnused(gone);
    }

    function clear() {
        const gone = [...state.groups, ...state.people.flatMap((one) => one.faces.map((face) => face[0]))];
        state = empty();
        forgetUnused(gone);
        say([]);
    }

    async function sample() {
        const people = await fetch("/family/sample").then((answer) => answer.json(), () => []);
        clear();
        state.people = people.map((one) => ({ ...person(one.key, one.role, one.name), sex: one.sex, young: one.young }));
        show();
        // A picture of each first, so that there soon is an answer.
        const most = Math.max(...people.map((one) => one.files.length));
        for (let n = 0; n < most; n += 1) {
            people.filter((one) => one.files[n]).forEach(({ key, name, files }) => {
                sender().sample("/family/samples/" + encodeURIComponent(files[n]), name, key);
            });
        }
    }

    // ---- Buttons ----------------------------------------------------------------------------------------------------

    const ACTS = {
        choose: ({ key }) => sender().choose(key),
        "choose-group": () => sender().choose(null),
        sample,
        clear,
        add: ({ value }) => add(value),
        leave: ({ key }) => leave(key),
        sex: ({ key, value }) => (of(key).sex = value),
        young: ({ key }) => (of(key).young = !of(key).young),
        put: ({ key }) => state.picked && give(...state.picked, key),
        away({ photo, face }) {
            const number = Number(face);
            state.people.forEach((one) => (one.faces = one.faces.filter((at) => !isAt(photo, number)(at))));
            forgetUnused([photo]);
        },
        pick({ photo, face }) {
            const number = Number(face);
            state.picked = state.picked && isAt(photo, number)(state.picked) ? null : [photo, number];
        },
        "drop-group"({ photo }) {
            state.groups = state.groups.filter((one) => one !== photo);
            state.people.forEach((one) => (one.faces = one.faces.filter((at) => at[0] !== photo)));
            forgetUnused([photo]);
        },
    };

    document.addEventListener("click", (event) => {
        const button = event.target.closest?.("[data-family]");
        const act = button && ACTS[button.dataset.family];
        if (act) {
            act(button.dataset);
            show();
        }
    });

    document.addEventListener("change", (event) => {
        const key = event.target.closest?.("[data-name-of]")?.dataset.nameOf;
        const one = key && of(key);
        if (one) {
            const name = event.target.value.trim() || (one.role === "child" ? "Child" : "Relative");
            one.name = unused(name, key);
            show();
        }
    });

    // ---- Dropping, pasting, dragging --------------------------------------------------------------------------------

    const FACE = "application/x-dramatis-face";

    function slotAt(event) {
        return event.target.closest?.("[data-slot]");
    }

    function holds(event, type) {
        return onPage() && [...(event.dataTransfer?.types || [])].includes(type);
    }

    function mark(slot) {
        document.querySelectorAll(".family-card.drop-over").forEach((one) => one.classList.remove("drop-over"));
        slot?.classList.add("drop-over");
    }

    document.addEventListener("dragstart", (event) => {
        const face = event.target.closest?.(".family-mark");
        if (face) {
            event.dataTransfer.setData(FACE, JSON.stringify([face.dataset.photo, Number(face.dataset.face)]));
            event.dataTransfer.effectAllowed = "link";
        }
    });
    window.addEventListener("dragover", (event) => {
        if (holds(event, "Files") || (holds(event, FACE) && slotAt(event))) {
            event.preventDefault();
            mark(slotAt(event));
        }
    });
    window.addEventListener("dragleave", (event) => !event.relatedTarget && mark(null));
    window.addEventListener("drop", (event) => {
        mark(null);
        const key = slotAt(event)?.dataset.slot;
        if (holds(event, "Files")) {
            event.preventDefault();
            sender().take(event.dataTransfer.files, key);
        } else if (holds(event, FACE) && key) {
            event.preventDefault();
            give(...JSON.parse(event.dataTransfer.getData(FACE)), key);
            show();
        }
    });
    window.addEventListener("paste", (event) => {
        if (onPage() && event.clipboardData?.files.length) {
            sender().take(event.clipboardData.files, null);
        }
    });

    // Dash draws the page anew whenever somebody comes to it, and the cards after each change.
    new MutationObserver(() => {
        const page = document.getElementById("family-page");
        if (page && !page.dataset.seen) {
            page.dataset.seen = "1";
            sender().getReady();
            show();
        }
        const field = focusOn && document.getElementById(focusOn);
        if (field) {
            focusOn = null;
            field.focus();
            field.select();
        }
    }).observe(document.documentElement, { childList: true, subtree: true });
})();
