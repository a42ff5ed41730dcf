/* Photos for the lookalike page: chosen, dropped, taken with the camera or out of the samples; photos.js sends them. */
(function () {
    "use strict";
    const clientside = (window.dash_clientside = window.dash_clientside || {});
    const PHOTO_PX = 1920;

    function onPage() {
        return window.location.pathname === "/lookalike";
    }

    let made = null;

    function sender() {
        made = made || window.dramatis.photoSender({
            status: "lookalike-status",
            taken: () => clientside.set_props("lookalike-added", { data: { photos: made.sent(), n: Date.now() } }),
            failed: (sentences) => clientside.set_props("lookalike-problems", { data: sentences }),
        });
        return made;
    }

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
        sender().getReady();
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
        canvas.toBlob((blob) => sender().take([new File([blob], "The camera's photo")]), "image/jpeg", 0.92);
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
        const box = event.target.closest("a.photo-face");
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
        choose: () => sender().choose(),
        camera: openCamera,
        shoot,
        "close-camera": () => document.getElementById("lookalike-camera").close(),
        sample: ({ dataset: { sample } }) =>
            sender().sample("/lookalike/samples/" + encodeURIComponent(sample), "the sample"),
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
            sender().take(event.dataTransfer.files);
        }
    });
    window.addEventListener("paste", (event) => {
        if (onPage() && event.clipboardData?.files.length) {
            sender().take(event.clipboardData.files);
        }
    });

    // Dash draws the page, and the head anew whenever photos come or go.
    new MutationObserver(() => {
        arrive();
        const zone = document.querySelector('[data-lookalike="zone"]');
        if (zone && !zone.dataset.seen) {
            zone.dataset.seen = "1";
            showCamera();
            sender().getReady();
        }
    }).observe(document.documentElement, { childList: true, subtree: true });
})();
