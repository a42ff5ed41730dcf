/* Pictures of an album on their way to the server: dropped or chosen, as a folder or one by one. One request a picture,
   so that each is answered for by itself; when all are there the page is told. */
(function () {
    "use strict";
    const clientside = (window.dash_clientside = window.dash_clientside || {});
    const AT_ONCE = 3;
    const PICTURE = /\.(jpe?g|jpe|jfif|png|webp|gif|bmp|tiff?|avif|jp2|heic|heif)$/i;
    const DEEPEST = 12;

    let sending = false;

    function zone() {
        return document.querySelector('[data-album="zone"]');
    }

    function choose(kind) {
        const input = document.createElement("input");
        input.type = "file";
        input.multiple = true;
        if (kind === "folder") {
            input.webkitdirectory = true;
        } else {
            input.accept = "image/*";
        }
        input.addEventListener("change", () => {
            take([...input.files].map((file) => ({ file, path: file.webkitRelativePath || file.name })));
        });
        input.click();
    }

    // The folder that all pictures lie in gives the album its name and is no part of their paths.
    function titled(found) {
        const tops = new Set(found.map(({ path }) => (path.includes("/") ? path.slice(0, path.indexOf("/")) : "")));
        const [top] = tops;
        if (tops.size !== 1 || !top) {
            return ["Pictures of " + new Date().toLocaleDateString("en-GB"), found];
        }
        return [top, found.map(({ file, path }) => ({ file, path: path.slice(top.length + 1) }))];
    }

    async function take(chosen) {
        const hidden = ({ path }) => path.split("/").some((part) => part.startsWith("."));
        const wanted = chosen.filter((one) => PICTURE.test(one.file.name) && !hidden(one));
        if (!wanted.length) {
            complain("There are no pictures in that; use JPEG, PNG, TIFF or WebP files.");
            return;
        }
        if (sending) {
            complain("Other pictures are still on their way; wait for them, then add these.");
            return;
        }
        sending = true;
        const [title, pictures] = titled(wanted);
        const problems = [];
        try {
            const { id } = await window.dramatis.persist(() => window.dramatis.ask("POST", "/album-pictures"), title);
            const n = await sendAll(id, title, pictures, problems);
            clientside.set_props("albums-problems", { data: problems });
            if (n && document.getElementById("albums-list")) {
                clientside.set_props("albums-arrived", { data: { id, title, n: Date.now() } });
            }
        } catch (error) {
            complain(error.message);
        } finally {
            sending = false;
            say("");
        }
    }

    // How many pictures arrived; the others are among `problems` with the reason.
    async function sendAll(id, title, pictures, problems) {
        const waiting = [...pictures];
        let done = 0;
        let arrived = 0;
        const one = async () => {
            for (let next = waiting.shift(); next; next = waiting.shift()) {
                const { file, path } = next;
                const address = "/album-pictures/" + id + "?path=" + encodeURIComponent(path);
                try {
                    await window.dramatis.persist(() => window.dramatis.ask("POST", address, file), path);
                    arrived += 1;
                } catch (error) {
                    problems.push([path, error.message]);
                }
                done += 1;
                say("“" + title + "”: " + done + " of " + pictures.length + " pictures sent");
            }
        };
        await Promise.all(Array.from({ length: AT_ONCE }, one));
        return arrived;
    }

    function say(words) {
        const place = document.getElementById("albums-sending");
        if (place) {
            place.textContent = words;
        }
    }

    function complain(text) {
        window.dramatis.notify({ text, kind: "danger" });
    }

    document.addEventListener("click", (event) => {
        const kind = event.target.closest("[data-album]")?.dataset.album;
        if (kind === "folder" || kind === "files") {
            choose(kind);
        }
    });

    window.addEventListener("beforeunload", (event) => {
        if (sending) {
            event.preventDefault();
        }
    });

    // ---- Dropping ---------------------------------------------------------------------------------------------------

    window.addEventListener("dragover", (event) => {
        if ([...(event.dataTransfer?.types || [])].includes("Files")) {
            zone()?.classList.add("drop-over");
        }
    });
    window.addEventListener("dragleave", (event) => {
        if (!event.relatedTarget) {
            zone()?.classList.remove("drop-over");
        }
    });
    window.addEventListener("drop", async (event) => {
        const place = zone();
        if (!place || !event.dataTransfer) {
            return;
        }
        place.classList.remove("drop-over");
        event.preventDefault();
        // Asked for before anything is waited for: the list is empty once this event is over.
        const dropped = [...event.dataTransfer.items].filter((item) => item.kind === "file").map((item) => {
            return item.webkitGetAsEntry?.() || item.getAsFile();
        });
        const found = await Promise.all(dropped.filter(Boolean).map((one) => inside(one)));
        take(found.flat());
    });

    function inside(dropped) {
        return dropped instanceof File ? [{ file: dropped, path: dropped.name }] : filesOf(dropped, "", 0);
    }

    async function filesOf(entry, above, depth) {
        const path = above + entry.name;
        if (entry.isFile) {
            const file = await new Promise((resolve) => entry.file(resolve, () => resolve(null)));
            return file ? [{ file, path }] : [];
        }
        if (depth >= DEEPEST) {
            return [];
        }
        const reader = entry.createReader();
        const found = [];
        for (;;) {
            // A reader gives a hundred entries at a time.
            const some = await new Promise((resolve) => reader.readEntries(resolve, () => resolve([])));
            if (!some.length) {
                break;
            }
            found.push(...some);
        }
        return (await Promise.all(found.map((one) => filesOf(one, path + "/", depth + 1)))).flat();
    }
})();
