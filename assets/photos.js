/* Photos on their way to this machine's server, and to it alone, for the pages about likeness: one request a photo, one
   after the other; all of them are forgotten when the window is closed or loaded anew. */
(function () {
    "use strict";
    const dramatis = (window.dramatis = window.dramatis || {});
    const MOST_BYTES = 15_000_000;

    // Every photo that the server took since the window was loaded, from whichever page.
    const everything = [];
    let queue = Promise.resolve();
    let ready = null;

    // The networks are loaded while somebody still looks for a photo.
    function getReady() {
        ready = ready || fetch("/photos/ready", { method: "POST" }).then(
            () => (ready.done = true),
            () => (ready = null),
        );
        return ready;
    }

    async function sendFile(file) {
        const name = file.name || "The photo";
        if (file.size > MOST_BYTES) {
            return { error: name + " is larger than 15 MB; save it smaller." };
        }
        return post("/photos?name=" + encodeURIComponent(name), file, name);
    }

    async function post(address, body, name) {
        const answer = await fetch(address, {
            method: "POST",
            headers: { "Content-Type": "application/octet-stream" },
            body,
        });
        const value = await answer.json().catch(() => ({}));
        if (answer.ok || value.error) {
            return value;
        }
        return { error: name + " could not be looked at (status " + answer.status + "); try another one." };
    }

    // What one page sends. `status` is the id of the place that says what is done just now; `taken(photo, about,
    // n)` hears of each photo that the server holds, with whatever was given `about` it and the number of its faces;
    // `failed(sentences)` of those that it does not, since the first that waited.
    dramatis.photoSender = function ({ status, taken, failed }) {
        const sent = [];
        let waiting = 0;
        let problems = [];

        function say(text) {
            const place = document.getElementById(status);
            if (place && place.textContent !== text) {
                place.textContent = text;
            }
        }

        function enqueue(name, send, about) {
            if (!waiting) {
                problems = [];
            }
            waiting += 1;
            queue = queue.then(async () => {
                say(ready?.done ? "Looking for faces in " + name + " …" : "Loading the networks, once …");
                let answer;
                try {
                    await getReady();
                    say("Looking for faces in " + name + (waiting > 1 ? ", " + (waiting - 1) + " to follow …" : " …"));
                    answer = await send();
                } catch {
                    answer = { error: name + " could not be sent; see whether Dramatis still runs." };
                }
                waiting -= 1;
                if (!answer.photo) {
                    problems.push(answer.error);
                }
                failed([...problems]);
                if (answer.photo) {
                    sent.push(answer.photo);
                    everything.push(answer.photo);
                    taken(answer.photo, about, answer.faces);
                }
                if (!waiting) {
                    say("");
                }
            });
        }

        const sender = {
            getReady,
            // Photos that somebody chose, dropped or pasted.
            take(files, about) {
                [...files].forEach((file) => enqueue(file.name || "the photo", () => sendFile(file), about));
            },
            // A photo that comes with the project.
            sample(address, name, about) {
                enqueue(name, () => post(address, "", name), about);
            },
            choose(about) {
                const input = document.createElement("input");
                input.type = "file";
                input.multiple = true;
                input.accept = "image/*,.heic,.heif,.hif"; // not every browser takes the last ones for images
                input.addEventListener("change", () => sender.take(input.files, about));
                input.click();
            },
            // Every photo of this page that was taken, in the order of sending.
            sent: () => [...sent],
        };
        return sender;
    };

    window.addEventListener("pagehide", (event) => {
        // A page that the browser keeps may be shown again; the server forgets by itself after a while.
        if (everything.length && !event.persisted) {
            navigator.sendBeacon("/photos/forget", JSON.stringify(everything));
        }
    });
})();
