/* The inspector's map: what a lasso takes is chosen, what is chosen is marked, a point under the pointer shows its
   picture. Points are rows of the columns. */
(function () {
    "use strict";

    const dramatis = window.dramatis;
    const { inspector } = dramatis;
    const noUpdate = () => window.dash_clientside.no_update;

    let card = null;
    let painting = 0;
    // What a lasso chose is not to be forgotten because its outline went.
    let lassoed = false;
    let drag = "lasso";

    const plot = () => document.querySelector("#inspector-map .js-plotly-plot");

    // Marks the chosen points. The library comes late, and dcc.Graph draws in its own time.
    function paint(tries = 60) {
        cancelAnimationFrame(painting);
        painting = requestAnimationFrame(() => {
            const drawn = plot();
            const trace = drawn?.data?.[0];
            if (!drawn || !window.Plotly || !trace?.customdata || !inspector.here()) {
                if (tries > 0) {
                    paint(tries - 1);
                }
                return;
            }
            if (trace.type === "scatter3d") {
                return;
            }
            if (drawn.layout.dragmode !== drag) {
                window.Plotly.relayout(drawn, { dragmode: drag });
            }
            const points = trace.customdata.filter((k) => inspector.chosen.has(inspector.data.key[k]));
            // None marked is not the same as no mark: then all points are pale.
            window.Plotly.restyle(drawn, { selectedpoints: [points.length ? points : null] });
        });
    }

    function hide() {
        card?.remove();
        card = null;
    }

    function showCard(point) {
        const k = point.customdata;
        const frame = document.getElementById("inspector-map-frame");
        hide();
        if (!frame || inspector.data.key[k] === undefined) {
            return;
        }
        const { element } = dramatis.film;
        const name = inspector.name(k);
        card = element(
            "div",
            { class: "ps-map-card" },
            dramatis.person.face(inspector.picture(k), name, "ps-map-face", 84),
            element("span", { class: "in-map-name" }, name),
        );
        frame.append(card);
        const { x0 = 0, x1 = 0, y0 = 0, y1 = 0 } = point.bbox ?? {};
        const [x, y] = [(x0 + x1) / 2, (y0 + y1) / 2];
        const [width, height] = [card.offsetWidth, card.offsetHeight];
        card.style.left = `${Math.max(4, Math.min(frame.clientWidth - width - 4, x - width / 2))}px`;
        // Above the point, or below it where there is no room.
        card.style.top = `${y - height - 12 > 0 ? y - height - 12 : y + 14}px`;
    }

    dramatis.inspectorMap = {
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
            if (selected?.points && inspector.here()) {
                lassoed = true;
                inspector.choose(selected.points.map((point) => inspector.data.key[point.customdata]));
                lassoed = false;
            }
            return noUpdate();
        },
        hover(hovered) {
            const point = hovered?.points?.[0];
            point && inspector.here() ? showCard(point) : hide();
            return noUpdate();
        },
        press(pressed) {
            const key = pressed?.points?.[0] && inspector.data?.key[pressed.points[0].customdata];
            if (key) {
                const chosen = new Set(inspector.chosen);
                chosen.has(key) ? chosen.delete(key) : chosen.add(key);
                inspector.choose(chosen);
            }
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
        const wanted = event.target instanceof Element && event.target.closest("#inspector-page [data-drag]");
        if (wanted) {
            drag = wanted.dataset.drag;
            for (const one of document.querySelectorAll("#inspector-page [data-drag]")) {
                one.setAttribute("aria-pressed", String(one === wanted));
            }
            paint();
        }
    });

    inspector.on((what) => {
        if (what === "chosen") {
            if (!lassoed) {
                clearOutline();
            }
            paint();
        }
    });
})();
