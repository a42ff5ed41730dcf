/* The faces behind a name: pictures that load only when they come into view, each leading to its moment. */
(function () {
    "use strict";

    const EAGER = 8;

    window.dash_clientside = window.dash_clientside || {};
    window.dash_clientside.question = {
        // crops is [[address, moment, words], ...]
        show(crops) {
            const list = document.getElementById("film-crops-list");
            const film = window.dramatis.film;
            if (list && crops && film.here()) {
                document.getElementById("film-question-scroll").scrollTop = 0;
                list.replaceChildren(...crops.map(([url, t, words], k) => crop(film, url, t, words, k)));
            }
            return window.dash_clientside.no_update;
        },
    };

    function close() {
        const panel = document.getElementById("film-question");
        const wasOpen = panel !== null && !panel.hidden;
        if (wasOpen) {
            window.dash_clientside.set_props("film-question", { hidden: true });
            window.dramatis.timeline.unask();
        }
        return wasOpen;
    }

    document.addEventListener("click", (event) => {
        if (event.target.id === "film-question-close") {
            close();
        }
    });

    // Escape closes it from anywhere, unless something in front of it closes first.
    document.addEventListener("keydown", (event) => {
        const mine = event.key === "Escape" && !event.defaultPrevented && !document.querySelector(".offcanvas.show");
        if (mine && close()) {
            event.preventDefault();
        }
    });

    function crop(film, url, t, words, k) {
        const none = () => film.element("span", { class: "crop-none" }, "no picture");
        const look = { src: url, alt: "", width: 112, height: 112, loading: k < EAGER ? "eager" : "lazy" };
        const picture = url ? film.element("img", look) : none();
        picture.addEventListener("error", () => picture.replaceWith(none()));
        const clock = film.clock(t);
        return film.element(
            "li",
            {},
            film.element(
                "button",
                { type: "button", "data-seek": t, "aria-label": `Face at ${clock}: go there` },
                picture,
                film.element("span", { class: "crop-time" }, clock),
            ),
            film.element("span", { class: "crop-words" }, words),
        );
    }
})();
