/* The map of a person's faces: what a lasso takes is chosen, what is chosen is marked, a point under the pointer shows
   its face. */
(function () {
    "use strict";

    const dramatis = window.dramatis;
    const { person } = dramatis;
    const noUpdate = () => window.dash_clientside.no_update;

    let card = null;
    let painting = 0;
    // What a lasso chose is not to be forgotten because its outline went.
    let lassoed = false;
    // What a pointer draws on the map.
    let drag = "lasso";

    const plot = () => document.querySelector("#person-map .js-plotly-plot");

    // Marks the chosen points. The library comes late, and dcc.Graph draws in its own time.
    function paint(tries = 60) {
        cancelAnimationFrame(painting);
        painting = requestAnimationFrame(() => {
            const drawn = plot();
            if (!drawn || !window.Plotly || !drawn.data?.[0]?.customdata) {
                if (tries > 0) {
                    paint(tries - 1);
                }
                return;
            }
            if (drawn.layout.dragmode !== drag) {
                window.Plotly.relayout(drawn, { dragmode: drag });
            }
            const points = drawn.data[0].customdata.flatMap((track, k) => (person.chosen.has(track) ? [k] : []));
            // None marked is not the same as no mark: then all points are pale.
            window.Plotly.restyle(drawn, { selectedpoints: [points.length ? points : null] });
        });
    }

    function hide() {
        card?.remove();
        card = null;
    }

    function showCard(point) {
        const k = person.data.tracks.indexOf(point.customdata);
        const frame = document.getElementById("person-map")?.closest(".ps-map");
        if (k < 0 || !frame) {
            return;
        }
        hide();
        const { element } = dramatis.film;
        card = element(
            "div",
            { class: "ps-map-card" },
            person.face(person.picture(k), person.data.name, "ps-map-face", 84),
            element("span", {}, person.where(k)),
        );
        frame.append(card);
        const { x0, x1, y0, y1 } = point.bbox;
        const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
        const [width, height] = [card.offsetWidth, card.offsetHeight];
        card.style.left = `${Math.max(4, Math.min(frame.clientWidth - width - 4, x - width / 2))}px`;
        // Above the point, or below it where there is no room.
        card.style.top = `${y - height - 12 > 0 ? y - height - 12 : y + 14}px`;
    }

    dramatis.personMap = {
        drawn() {
            hide();
            paint();
            const drawn = plot();
            if (drawn && !drawn.dataset.watched) {
                drawn.dataset.watched = "yes";
                drawn.addEventListener("pointerleave", hide);
            }
            return noUpdate();
        },
        lasso(selected) {
            if (selected?.points && person.here()) {
                lassoed = true;
                person.choose(selected.points.map((point) => point.customdata));
                lassoed = false;
            }
            return noUpdate();
        },
        hover(hovered) {
            const point = hovered?.points?.[0];
            point && person.here() ? showCard(point) : hide();
            return noUpdate();
        },
    };

    // The outline of a lasso says what was chosen by it, and nothing of what was chosen since.
    function clearOutline() {
        const drawn = plot();
        if (drawn?.layout?.selections?.length && window.Plotly) {
            window.Plotly.relayout(drawn, { selections: [] });
        }
    }

    document.addEventListener("click", (event) => {
        const wanted = event.target instanceof Element && event.target.closest("#person-page [data-drag]");
        if (wanted) {
            drag = wanted.dataset.drag;
            for (const one of document.querySelectorAll("#person-page [data-drag]")) {
                one.setAttribute("aria-pressed", String(one === wanted));
            }
            paint();
        }
    });

    person.on((what) => {
        if (what === "chosen") {
            if (!lassoed) {
                clearOutline();
            }
            paint();
        }
    });
})();
