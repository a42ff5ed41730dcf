/* Pictures of a cast on their way to the server: chosen for one person, as a folder with a folder for each person, as a
   zip of such a folder, or with a list (CSV) that says whom each shows. One request a picture, so that each is answered
   for by itself; a zip goes whole and is taken apart there. */
(function () {
    "use strict";
    const clientside = (window.dash_clientside = window.dash_clientside || {});
    const AT_ONCE = 3;
    const PICTURE = /\.(jpe?g|jpe|jfif|png|webp|gif|bmp|tiff?|avif|jp2|hei[cf]|hif)$/i;
    const TELEPHONE = ".heic,.heif,.hif"; // not every browser takes them for images
    const DEEPEST = 4;
    const ZIP = /\.zip$/i;
    const LIST = /\.csv$/i;

    let queue = [];
    let working = 0;
    let done = 0;
    let all = 0;
    let problems = [];
    let said = ""; // of a zip on its way

    function draft() {
        return document.querySelector("[data-draft]")?.dataset.draft;
    }

    // ---- Choosing ---------------------------------------------------------------------------------------------------

    function choose(kind, person) {
        const input = document.createElement("input");
        input.type = "file";
        input.multiple = true;
        if (person) {
            input.accept = "image/*," + TELEPHONE;
        } else if (kind === "folder") {
            input.webkitdirectory = true;
        } else {
            input.accept = ".zip,.csv,image/*," + TELEPHONE;
        }
        input.addEventListener("change", () => {
            const files = [...input.files];
            take(files.map((file) => ({ file, person: person || folderOf(file.webkitRelativePath), path: shown(file) })));
        });
        input.click();
    }

    function shown(file) {
        return file.webkitRelativePath || file.name;
    }

    // The folder that a picture lies in is the person's.
    function folderOf(path) {
        const parts = (path || "").split("/");
        return parts.length > 1 ? parts[parts.length - 2] : "";
    }

    async function take(chosen) {
        let found = chosen;
        const cast = draft(); // Another one may be shown by the time a zip or a list is through.
        if (!busy()) {
            problems = [];
            done = all = 0;
        }
        const zips = found.filter(({ file }) => ZIP.test(file.name));
        const lists = found.filter(({ file }) => LIST.test(file.name));
        for (const { file } of zips) {
            await takeZip(file, cast);
        }
        if (lists.length) {
            found = await listed(lists[0], found.filter(isPicture));
        }
        if ((zips.length || lists.length) && !found.some(isPicture)) {
            tell();
            return;
        }
        const wanted = found.filter(isPicture);
        const lost = wanted.filter(({ person }) => !person);
        if (!wanted.length) {
            const text = "There are no pictures in that; use JPEG, PNG, WebP or HEIC files, a zip of them, or a CSV.";
            window.dramatis.notify({ text, kind: "danger" });
            return;
        }
        if (lost.length) {
            problems.push(...lost.map(({ path }) => [path, "lies in no person's folder; drop it onto a person"]));
        }
        const known = wanted.filter(({ person }) => person);
        queue.push(...known.map((one) => ({ ...one, cast })));
        all += known.length;
        for (let i = working; i < AT_ONCE; i += 1) {
            next();
        }
        tell();
    }

    function isPicture({ file }) {
        return PICTURE.test(file.name) || file.type.startsWith("image/");
    }

    function busy() {
        return working > 0 || queue.length > 0 || said !== "";
    }

    // ---- Zips and lists ---------------------------------------------------------------------------------------------

    function complain(text) {
        window.dramatis.notify({ text, kind: "danger" });
    }

    async function takeZip(file, cast) {
        const say = (words) => {
            said = "“" + file.name + "”: " + words;
            tell();
        };
        try {
            say("on its way");
            const upload = await window.dramatis.sendFile(file, (percent) => say(percent + " % sent"));
            for (let at = 0, n = 1; at < n; ) {
                const path = "/cast-pictures/" + cast + "/zip?upload=" + upload + "&from=" + at;
                const step = await window.dramatis.persist(() => window.dramatis.ask("POST", path), file.name);
                at = step.next;
                n = step.n;
                problems.push(...step.problems);
                say(at + " of " + n + " pictures taken");
            }
        } catch (error) {
            complain(error.message);
        } finally {
            said = "";
            tell();
        }
    }

    // The chosen pictures that the list names, each with whom it shows. A path in the list is one beside the list; a
    // picture may lie elsewhere among the chosen ones, as long as its name says which it is.
    async function listed({ file, path }, pictures) {
        let answer;
        try {
            answer = await window.dramatis.ask("POST", "/cast-files/list?name=" + encodeURIComponent(file.name), file);
        } catch (error) {
            complain(error.message);
            return [];
        }
        problems.push(...answer.problems.map(([line, why]) => [file.name + ", " + line, why]));
        const here = path.includes("/") ? path.slice(0, path.lastIndexOf("/") + 1) : "";
        const byPath = new Map(pictures.map((one) => [one.path.normalize(), one]));
        const byName = new Map();
        pictures.forEach((one) => byName.set(one.file.name, [...(byName.get(one.file.name) || []), one]));
        return answer.rows.flatMap(([person, named]) => {
            const plain = named.normalize().replaceAll("\\", "/").replace(/^(\.\/)+/, "");
            const alike = byName.get(plain.slice(plain.lastIndexOf("/") + 1)) || [];
            const one = byPath.get(here + plain) || (alike.length === 1 ? alike[0] : null);
            if (!one) {
                problems.push([named, "is in the list, but not among the files chosen; choose them together"]);
                return [];
            }
            return [{ ...one, person }];
        });
    }

    // ---- Sending ----------------------------------------------------------------------------------------------------

    async function next() {
        const one = queue.shift();
        if (!one) {
            return;
        }
        working += 1;
        try {
            const why = await send(one);
            if (why) {
                problems.push([one.path, why]);
            }
        } finally {
            working -= 1;
            done += 1;
        }
        tell();
        next();
    }

    async function send({ file, person, cast }, tries = 0) {
        try {
            const answer = await fetch("/cast-pictures/" + cast + "?person=" + encodeURIComponent(person), {
                method: "POST",
                headers: { "Content-Type": "application/octet-stream" },
                body: file,
            });
            if (answer.ok) {
                return "";
            }
            if (answer.status === 413) {
                return "is larger than 10 MB; save it smaller";
            }
            const value = await answer.json().catch(() => ({}));
            return value.error || "could not be kept (status " + answer.status + ")";
        } catch {
            if (tries < 3) {
                await new Promise((resolve) => window.setTimeout(resolve, 1000 * 2 ** tries));
                return send({ file, person, cast }, tries + 1);
            }
            return "could not be sent; see whether Dramatis still runs";
        }
    }

    let last = 0;

    // The page is drawn again now and then while pictures arrive, and at the end.
    function tell() {
        const place = document.getElementById("casts-sending");
        if (!place) {
            return;
        }
        const counted = working > 0 || queue.length > 0 ? done + " of " + all + " pictures" : "";
        place.textContent = said || counted;
        const now = Date.now();
        if (!draft()) {
            return; // Another page of casts is shown meanwhile.
        }
        if (!busy() || now - last > 1500) {
            last = now;
            clientside.set_props("casts-changed", { data: now });
            clientside.set_props("casts-problems", { data: [...problems] });
        }
    }

    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-pictures]");
        const kind = button?.dataset.pictures;
        if (kind === "folder" || kind === "files") {
            choose(kind, "");
        } else if (kind === "choose") {
            choose(kind, button.closest("[data-person]").dataset.person);
        }
    });

    window.addEventListener("beforeunload", (event) => {
        if (busy()) {
            event.preventDefault();
        }
    });

    // ---- Dropping ---------------------------------------------------------------------------------------------------

    function target(event) {
        return draft() ? event.target.closest?.(".person-row") || document.querySelector('[data-pictures="zone"]') : null;
    }

    function mark(place) {
        document.querySelectorAll(".drop-over").forEach((one) => one !== place && one.classList.remove("drop-over"));
        place?.classList.add("drop-over");
    }

    window.addEventListener("dragover", (event) => {
        if ([...(event.dataTransfer?.types || [])].includes("Files")) {
            mark(target(event));
        }
    });
    window.addEventListener("dragleave", (event) => {
        if (!event.relatedTarget) {
            mark(null);
        }
    });
    window.addEventListener("drop", async (event) => {
        const place = target(event);
        mark(null);
        if (!place) {
            return;
        }
        event.preventDefault();
        // Asked for before anything is waited for: the list is empty once this event is over.
        const dropped = [...event.dataTransfer.items].filter((item) => item.kind === "file").map((item) => {
            return item.webkitGetAsEntry?.() || item.getAsFile();
        });
        const person = place.dataset.person;
        const found = (await Promise.all(dropped.filter(Boolean).map(inside))).flat();
        take(found.map(({ file, path }) => ({ file, path, person: person || folderOf(path) })));
    });

    function inside(dropped) {
        return dropped instanceof File ? [{ file: dropped, path: dropped.name }] : filesOf(dropped, "", 0);
    }

    async function filesOf(entry, above, depth) {
        const path = above + entry.name;
        if (entry.name.startsWith(".")) {
            return [];
        }
        if (entry.isFile) {
            const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
            return file ? [{ file, path }] : [];
        }
        if (depth >= DEEPEST) {
            return [];
        }
        const reader = entry.createReader();
        const inside = [];
        for (;;) {
            // A reader gives a hundred entries at a time.
            const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
            if (!some.length) {
                break;
            }
            inside.push(...some);
        }
        return (await Promise.all(inside.map((one) => filesOf(one, path + "/", depth + 1)))).flat();
    }
})();
