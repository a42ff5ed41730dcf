/* Faces that are chosen, on tiles and on a map (point_map.js) beside them: what is drawn around or pressed is chosen, what
   is chosen is marked. */
(function () {
    "use strict";

    const dramatis = (window.dramatis = window.dramatis || {});

    // What is chosen, with one more or, if it was among them, one fewer.
    dramatis.toggled = function (chosen, one) {
        const others = new Set(chosen);
        if (!others.delete(one)) {
            others.add(one);
        }
        return others;
    };

    // The map in the element called `id` of a page that has `chosen`, `choose`, `toggle`, `on` and `here`, as
    // dramatis.person has; `card(id)` is what the pointer shows of a face, or null.
    dramatis.choiceMap = function (id, page, card) {
        const { choose, toggle } = page;
        const map = () => dramatis.pointMap(document.getElementById(id), { choose, toggle, card });
        page.on((what) => {
            if (what === "chosen") {
                map().mark(page.chosen);
            }
        });
        return {
            draw(points) {
                if (points && page.here()) {
                    map().draw(points);
                    map().mark(page.chosen);
                }
            },
        };
    };
})();
