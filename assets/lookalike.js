/* Photos for the lookalike page: chosen, dropped, taken with the camera or out of the samples. One request a photo, one
   after the other, to this machine alone; all of them are forgotten when the page is closed. */
(function () {
    "use strict";
    const clientside = (window.dash_clientside = window.dash_clientside || {});
    const MOST_BYTES = 15_000_000;
    const PHOTO_PX = 1920;

    // Every photo that was taken since the page was loaded.
    const sent = [];
    let queue = Promise.resolve();
    let waiting = 0;
    let problems = [];
    let ready = null;

    function onPage() {
        return window.location.pathname === "/lookalike";
    }

    // ---- Sending ----------------------------------------------------------------------------------------------------

    function say(text) {
        const place = document.getElementById("lookalike-status");
        if (place && place.textContent !== text) {
            place.textContent = text;
        }
    }

    // The networks are loaded while somebody still looks for a photo.
    function getReady() {
        ready = ready || fetch("/lookalike/ready", { method: "POST" }).then(
            () => (ready.done = true),
            () => (ready = null),
        );
        return ready;
    }

    function take(files) {
        const photos = [...files];
        if (!waiting) {
            problems = [];
        }
        photos.forEach((file) => enqueue(file.name, () => sendFile(file)));
    }

    function enqueue(name, send) {
        waiting += 1;
        queue = queue.then(async () => {
            say(ready?.done ? "Looking for faces in " + name + " …" : "Loading the networks, once …");
            let answer;
            try {
                await getReady();
                say("Looking for faces in " + name + " …");
                answer = await send();
            } catch {
                answer = { error: name + " could not be sent; see whether Dramatis still runs." };
            }
            waiting -= 1;
            if (answer.photo) {
                sent.push(answer.photo);
                clientside.set_props("lookalike-added", { data: { photos: [...sent], n: Date.now() } });
            } else {
                problems.push(answer.error);
            }
            clientside.set_props("lookalike-problems", { data: [...problems] });
            if (!waiting) {
                say("");
            }
        });
    }

    async function sendFile(file) {
        const name = file.name || "The photo";
        if (file.size > MOST_BYTES) {
            return { error: name + " is larger than 15 MB; save it smaller." };
        }
        return post("/lookalike/photos?name=" + encodeURIComponent(name), file, name);
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

    function choose() {
        const input = document.createElement("input");
        input.type = "file";
        input.multiple = true;
        input.accept = "image/*,.heic,.heif,.hif"; // not every browser takes the last ones for images
        input.addEventListener("change", () => take(input.files));
        input.click();
    }

    function trySample(name) {
        if (!waiting) {
            problems = [];
        }
        enqueue("the sample", () => post("/lookalike/samples/" + encodeURIComponent(name), "", "The sample"));
    }

    window.addEventListener("pagehide", (event) => {
        // A page that the browser keeps may be shown again; the server forgets by itself after a while.
        if (sent.length && !event.persisted) {
            navigator.sendBeacon("/lookalike/forget", JSON.stringify(sent));
        }
    });

    // ---- Camera -----------------------------------------------------------------------------------------------------

    let stream = null;

    function refuse(sentence) {
        clientside.set_props("lookalike-problems", { data: [sentence] });
    }

    const WHY_NOT = {
        NotAllowedError: "The camera was not allowed; allow it for this address in the browser, or choose a photo.",
        NotFoundError: "There is no camera here; choose a photo instead.",
        NotReadableError: "The camera is in use elsewhere; close the other program, or choose a photo.",
    };

    async function openCamera() {
        const dialog = document.getElementById("lookalike-camera");
        getReady();
        try {
            const video = { facingMode: "user", width: { ideal: PHOTO_PX } };
            stream = await navigator.mediaDevices.getUserMedia({ video, audio: false });
        } catch (error) {
            refuse(WHY_NOT[error.name] || "The camera cannot be used; choose a photo instead.");
            return;
        }
        const video = document.getElementById("lookalike-video");
        video.muted = true;
        video.playsInline = true;
        video.srcObject = stream;
        dialog.addEventListener("close", stop, { once: true });
        dialog.showModal();
        await video.play().catch(() => {});
    }

    function stop() {
        stream?.getTracks().forEach((track) => track.stop());
        stream = null;
        document.getElementById("lookalike-video").srcObject = null;
    }

    function shoot() {
        const video = document.getElementById("lookalike-video");
        if (!video.videoWidth) {
            return;
        }
        const canvas = document.createElement("canvas");
        canvas.width = video.videoWidth;
        canvas.height = video.videoHeight;
        canvas.getContext("2d").drawImage(video, 0, 0);
        document.getElementById("lookalike-camera").close();
        canvas.toBlob((blob) => take([new File([blob], "The camera's photo")]), "image/jpeg", 0.92);
    }

    // The button is there where a camera is; where the browser would let no page use one, a sentence says why.
    async function showCamera() {
        const button = document.querySelector('[data-lookalike="camera"]');
        const words = document.querySelector('[data-lookalike="no-camera"]');
        if (!button || !words) {
            return;
        }
        const devices = navigator.mediaDevices;
        if (!window.isSecureContext || !devices?.getUserMedia) {
            words.textContent = "The camera needs https, or this machine's own address; choose a photo instead.";
            words.hidden = false;
            return;
        }
        const found = await devices.enumerateDevices().catch(() => []);
        button.hidden = !found.some((one) => one.kind === "videoinput");
    }

    // ---- Pictures that are read first ---------------------------------------------------------------------------------

    const ASK_EVERY_MS = 400;
    let asking = 0;

    async function tellReading() {
        const now = await fetch("/lookalike/reading").then((answer) => answer.json(), () => ({}));
        const place = document.getElementById("lookalike-reading");
        if (place) {
            // Nobody waits for it any more by the time this answer is here.
            place.textContent = asking && now.of ? `Reading the demo’s pictures, once: ${now.read} of ${now.of} …` : "";
        }
    }

    clientside.lookalike = {
        // While an answer is on its way: whether it waits for pictures to be read, and how many are.
        watch(busy) {
            window.clearInterval(asking);
            asking = busy ? window.setInterval(tellReading, ASK_EVERY_MS) : 0;
            if (!busy) {
                tellReading();
            }
        },
    };

    // ---- A face in the photo ----------------------------------------------------------------------------------------

    let goingTo = null; // the box of a face whose answer is not drawn yet

    document.addEventListener("click", (event) => {
        const box = event.target.closest(".photo-face");
        goingTo = null;
        if (box && !document.querySelector(box.hash)) {
            goingTo = box;
            event.preventDefault();
            clientside.set_props("lookalike-faces-shown", { data: Number(box.dataset.faces) });
        }
    });

    // The box is pressed again once its answer is there.
    function arrive() {
        if (goingTo && document.querySelector(goingTo.hash)) {
            goingTo.click();
        }
    }

    // ---- Buttons, dropping, pasting ---------------------------------------------------------------------------------

    const ACTS = {
        choose,
        camera: openCamera,
        shoot,
        "close-camera": () => document.getElementById("lookalike-camera").close(),
        sample: (button) => trySample(button.dataset.sample),
    };

    document.addEventListener("click", (event) => {
        const button = event.target.closest("[data-lookalike]");
        ACTS[button?.dataset.lookalike]?.(button);
    });

    function holdsFiles(event) {
        return onPage() && [...(event.dataTransfer?.types || [])].includes("Files");
    }

    function mark(on) {
        document.querySelector('[data-lookalike="zone"]')?.classList.toggle("drop-over", on);
    }

    window.addEventListener("dragover", (event) => mark(holdsFiles(event)));
    window.addEventListener("dragleave", (event) => !event.relatedTarget && mark(false));
    window.addEventListener("drop", (event) => {
        mark(false);
        if (holdsFiles(event)) {
            event.preventDefault();
            take(event.dataTransfer.files);
        }
    });
    window.addEventListener("paste", (event) => {
        if (onPage() && event.clipboardData?.files.length) {
            take(event.clipboardData.files);
        }
    });

    // Dash draws the page, and the head anew whenever photos come or go.
    new MutationObserver(() => {
        arrive();
        const zone = document.querySelector('[data-lookalike="zone"]');
        if (zone && !zone.dataset.seen) {
            zone.dataset.seen = "1";
            showCamera();
            getReady();
        }
    }).observe(document.documentElement, { childList: true, subtree: true });
})();
