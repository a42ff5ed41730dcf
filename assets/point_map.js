/* Faces as points on a canvas, in a plane or in space: a lasso or a box takes some, a press takes one, a point under the
   pointer shows its picture. Its own drawing (point_map_picture.js), because thousands of points of SVG do not follow a
   hand, and what draws them by WebGL makes code as it goes, which the page's rules forbid.

   `dramatis.pointMap(root, hooks)` is the map in the element `root`, made at the first call; `hooks`: `choose(ids)` and
   `toggle(id)` as one draws and presses, `card(id)` an element for the point under the pointer, or null. */
(function () {
    "use strict";

    const dramatis = (window.dramatis = window.dramatis || {});

    // Pixels: how near a pointer has to come to a point, and how little it moves in a press.
    const [NEAR, PRESS] = [14, 4];
    const [FARTHEST_ZOOM, ZOOM_STEP, TURN] = [24, 1.6, 0.008];

    const maps = new WeakMap();
    const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

    dramatis.pointMap = function (root, hooks) {
        if (!maps.has(root)) {
            maps.set(root, made(root, hooks));
        }
        return maps.get(root);
    };

    function made(root, hooks) {
        const { element } = dramatis.film;
        const picture = dramatis.pointPicture(root);
        const { above } = picture;
        // The tiles say and do the same by keyboard; these are for fingers.
        const nearer = element("button", { type: "button", class: "pm-zoom", tabindex: "-1" }, "+");
        const farther = element("button", { type: "button", class: "pm-zoom", tabindex: "-1" }, "−");
        root.append(element("div", { class: "pm-zooms" }, nearer, farther));

        // What a hand does: "lasso", "box" or "move", which turns in space. A finger moves the page, too.
        const fingers = window.matchMedia("(pointer: coarse)").matches;
        const ways = { plane: fingers ? "move" : "lasso", space: "move" };
        const dimensions = () => (picture.data.space ? "space" : "plane");
        const way = () => ways[dimensions()];
        // {from, last, far}: where a hand pressed, where it was last, and whether it has moved since.
        let drag = null;
        let card = null;

        /* The point under the pointer. */

        function hover(k) {
            if (k === picture.hovered) {
                return;
            }
            picture.hovered = k;
            card?.remove();
            card = k < 0 ? null : hooks.card(picture.data.ids[k]);
            if (card) {
                root.append(card);
                const [x, y] = picture.at(k);
                card.style.left = `${clamp(x - card.offsetWidth / 2, 4, picture.width - card.offsetWidth - 4)}px`;
                // Above the point, or below it where there is no room.
                card.style.top = `${y - card.offsetHeight - 12 > 0 ? y - card.offsetHeight - 12 : y + 14}px`;
            }
            picture.redrawAbove();
        }

        /* What a hand does. */

        const at = (event) => {
            const box = above.getBoundingClientRect();
            return [event.clientX - box.left, event.clientY - box.top];
        };

        // What was drawn around is chosen: instead of the others, with Shift besides, with Alt no more.
        function take(outline, event) {
            const within = picture.within(outline);
            if (event.altKey) {
                const fewer = new Set(within);
                hooks.choose([...picture.chosen].filter((id) => !fewer.has(id)));
            } else {
                hooks.choose(event.shiftKey ? [...picture.chosen, ...within] : within);
            }
        }

        function end() {
            drag = null;
            picture.outline = null;
            document.removeEventListener("keydown", escape);
            picture.redrawAbove();
        }

        // What is being drawn is given up.
        function escape(event) {
            if (event.key === "Escape") {
                end();
            }
        }

        // Returns whether there was room to zoom.
        function zoom(by, [x, y]) {
            const { camera, width, height } = picture;
            const zoomed = clamp(camera.zoom * by, 1, FARTHEST_ZOOM);
            const change = zoomed / camera.zoom;
            // What is under the pointer stays there; the whole lies in the middle.
            camera.x = zoomed === 1 ? 0 : (x - width / 2) * (1 - change) + camera.x * change;
            camera.y = zoomed === 1 ? 0 : (y - height / 2) * (1 - change) + camera.y * change;
            camera.zoom = zoomed;
            moved();
            return change !== 1;
        }

        function moved() {
            hover(-1);
            // A finger moves the page where there is nothing to move here.
            above.style.touchAction = way() === "move" && picture.camera.zoom === 1 ? "pan-y" : "none";
            root.dataset.way = way();
            picture.redraw();
        }

        above.addEventListener("pointerdown", (event) => {
            if (event.button === 0 && !drag) {
                above.setPointerCapture(event.pointerId);
                document.addEventListener("keydown", escape);
                const [x, y] = at(event);
                drag = { from: [x, y], last: [x, y], far: false };
                picture.outline = way() === "move" ? null : [x, y];
            }
        });
        above.addEventListener("pointermove", (event) => {
            const [x, y] = at(event);
            if (!drag) {
                hover(picture.nearest(x, y, NEAR));
                return;
            }
            drag.far ||= Math.hypot(x - drag.from[0], y - drag.from[1]) > PRESS;
            if (!drag.far) {
                return;
            }
            hover(-1);
            const [dx, dy] = [x - drag.last[0], y - drag.last[1]];
            drag.last = [x, y];
            if (way() === "lasso") {
                const between = event.getCoalescedEvents?.() ?? [];
                picture.outline.push(...between.flatMap(at), x, y);
                picture.redrawAbove();
            } else if (way() === "box") {
                const [x0, y0] = drag.from;
                picture.outline = [x0, y0, x, y0, x, y, x0, y];
                picture.redrawAbove();
            } else {
                move(dx, dy);
            }
        });
        above.addEventListener("pointerup", (event) => {
            const [ended, outline] = [drag, picture.outline];
            end();
            if (ended?.far && outline) {
                take(outline, event);
            } else if (ended && !ended.far) {
                const k = picture.nearest(...at(event), NEAR);
                k >= 0 && hooks.toggle(picture.data.ids[k]);
            }
        });
        above.addEventListener("pointercancel", end);
        above.addEventListener("pointerleave", () => hover(-1));

        function move(dx, dy) {
            const { camera } = picture;
            if (picture.data.space) {
                camera.yaw += dx * TURN;
                camera.pitch = clamp(camera.pitch + dy * TURN, -1.5, 1.5);
            } else {
                camera.x += dx;
                camera.y += dy;
            }
            picture.redraw();
        }

        above.addEventListener("dblclick", () => {
            picture.camera = picture.still();
            moved();
        });
        // As on the timeline: where nothing is left to zoom, the wheel moves the page.
        above.addEventListener(
            "wheel",
            (event) => {
                const down = event.deltaY * (event.deltaMode === 1 ? 16 : 1);
                const changed = zoom(Math.exp(-clamp(down, -120, 120) * (event.ctrlKey ? 0.01 : 0.0025)), at(event));
                if (changed || event.ctrlKey || down < 0) {
                    event.preventDefault();
                }
            },
            { passive: false },
        );
        const zoomMiddle = (by) => zoom(by, [picture.width / 2, picture.height / 2]);
        nearer.addEventListener("click", () => zoomMiddle(ZOOM_STEP));
        farther.addEventListener("click", () => zoomMiddle(1 / ZOOM_STEP));

        /* The buttons that say what a hand does stand in the same panel. */

        const panel = root.closest(".panel");
        function press() {
            for (const button of panel.querySelectorAll("[data-drag]")) {
                button.setAttribute("aria-pressed", String(button.dataset.drag === way()));
            }
            moved();
        }
        panel.addEventListener("click", (event) => {
            const button = event.target instanceof Element && event.target.closest("[data-drag]");
            if (button) {
                ways[dimensions()] = button.dataset.drag;
                press();
            }
        });

        return {
            draw(data) {
                end();
                picture.show(data);
                press();
            },
            mark(ids) {
                picture.chosen = ids;
                picture.redraw();
            },
            // Where on the screen a face is, [x, y].
            place(id) {
                const [x, y] = picture.at(picture.data.ids.indexOf(id));
                const box = above.getBoundingClientRect();
                return [box.left + x, box.top + y];
            },
        };
    }
})();
