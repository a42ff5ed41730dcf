/* Files of casts on their way to the server: in pieces, which a broken line does not stop; and the file of a whole cast
   that is chosen to be imported. */
(function () {
    "use strict";
    const dramatis = (window.dramatis = window.dramatis || {});
    const clientside = (window.dash_clientside = window.dash_clientside || {});
    const JSON_TYPE = "application/json";
    const TRIES = 6;

    class Refused extends Error {}

    // The server's answer as an object; its own sentence where it refuses.
    dramatis.ask = async function (method, path, body) {
        const headers = body ? { "Content-Type": body.type === JSON_TYPE ? JSON_TYPE : "application/octet-stream" } : {};
        const answer = await fetch(path, { method, headers, body });
        const value = await answer.json().catch(() => ({}));
        if (!answer.ok) {
            throw new Refused(value.error || "The server refused it (status " + answer.status + "); try again.");
        }
        return value;
    };

    // What `act` gives, tried again over a broken line; what the server refuses is refused.
    dramatis.persist = async function (act, name) {
        for (let tries = 1; ; tries += 1) {
            try {
                return await act();
            } catch (error) {
                if (error instanceof Refused) {
                    throw error;
                }
                if (tries > TRIES) {
                    throw new Error("“" + name + "” could not be sent; see whether Dramatis still runs.");
                }
                await new Promise((resolve) => window.setTimeout(resolve, 500 * 2 ** tries));
            }
        }
    };

    // Sends `file` whole and gives the id under which it stands there; `tell` hears how many percent are sent.
    dramatis.sendFile = async function (file, tell) {
        const about = new Blob([JSON.stringify({ name: file.name, size: file.size })], { type: JSON_TYPE });
        const upload = await dramatis.ask("POST", "/upload", about);
        for (let at = upload.received; at < file.size; ) {
            const piece = file.slice(at, at + upload.chunk_bytes);
            const path = "/upload/" + upload.id + "?offset=" + at;
            // A piece may be sent twice: what is there already is not written again.
            at = (await dramatis.persist(() => dramatis.ask("PUT", path, piece), file.name)).received;
            tell(Math.floor((100 * at) / file.size));
        }
        return upload.id;
    };

    async function importCast(file) {
        const say = (words) => {
            const place = document.getElementById("casts-sending");
            if (place) {
                place.textContent = words;
            }
        };
        try {
            say("“" + file.name + "” is on its way");
            const id = await dramatis.sendFile(file, (percent) => say("“" + file.name + "”: " + percent + " % sent"));
            if (document.getElementById("casts-list")) {
                clientside.set_props("casts-arrived", { data: { id, n: Date.now() } });
            }
        } catch (error) {
            dramatis.notify({ text: error.message, kind: "danger" });
        } finally {
            say("");
        }
    }

    document.addEventListener("click", (event) => {
        if (!event.target.closest('[data-cast-file="choose"]')) {
            return;
        }
        const input = document.createElement("input");
        input.type = "file";
        input.accept = ".gallery,.zip";
        input.addEventListener("change", () => input.files[0] && importCast(input.files[0]));
        input.click();
    });
})();
