/* The picture of a map of faces (point_map.js): points on one canvas, and above it, on another, the outline that a hand
   draws, so that a hand never waits for thousands of points. */
(function () {
    "use strict";

    const dramatis = (window.dramatis = window.dramatis || {});

    // Radius of a point; of each where there are many; of the chosen ones besides; of the ring under the pointer.
    const [LARGE, SMALL, MANY, GROWN, RING] = [4.5, 3, 400, 1.5, 8];
    // Around the points, of the longer side, so that a lasso can go around the outermost; and the least side in view, so
    // that equal faces lie in the middle.
    const [ROOM, LEAST_SIDE] = [0.12, 0.05];
    // In space the points lie within -1 and 1; so much is in view from their middle on, however they are turned.
    const CUBE = 1.5;
    const EDGES = [[-1, -1], [-1, 1], [1, -1], [1, 1]].flatMap(([a, b]) => [
        [[-1, a, b], [1, a, b]],
        [[a, -1, b], [a, 1, b]],
        [[a, b, -1], [a, b, 1]],
    ]);

    // How the points are looked at when nobody has moved them.
    const still = () => ({ zoom: 1, x: 0, y: 0, yaw: 0.6, pitch: 0.35 });

    // Whether (x, y) lies in the polygon [x, y, x, y ...], counted by the sides to its right.
    function inside(x, y, outline) {
        let within = false;
        for (let a = 0, b = outline.length - 2; a < outline.length; b = a, a += 2) {
            const [ax, ay, bx, by] = [outline[a], outline[a + 1], outline[b], outline[b + 1]];
            if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) {
                within = !within;
            }
        }
        return within;
    }

    dramatis.pointPicture = function (root) {
        const { element } = dramatis.film;
        const ground = element("canvas", { class: "pm-points" });
        const above = element("canvas", { class: "pm-above" });
        root.append(ground, above);
        const [pen, overPen] = [ground.getContext("2d"), above.getContext("2d")];

        let [middle, side, ratio] = [[0, 0], 1, 1];
        // Where each point is now, in pixels, and in space how near to the eye, -1 to 1; and which is drawn first.
        let [xs, ys, depths, order] = [[], [], [], []];
        let sprites = null;
        let [drawing, overlaying] = [0, 0];

        const picture = {
            above,
            // {ids, points [[x, y] or [x, y, z]], colour [number of colours], colours, diamond [0 or 1], accent, line, space}
            data: { ids: [], points: [], colour: [], colours: [], accent: "", line: "", space: false },
            chosen: new Set(),
            camera: still(),
            width: 0,
            height: 0,
            // What a hand draws, [x, y, x, y ...] or null, and the point under the pointer, -1 for none.
            outline: null,
            hovered: -1,
            still,
            show,
            redraw: () => (drawing ||= requestAnimationFrame(draw)),
            redrawAbove: () => (overlaying ||= requestAnimationFrame(drawAbove)),
            // Where point k is, in pixels.
            at: (k) => [xs[k], ys[k]],
            // The point that lies the nearest to a place, -1 if none lies within `reach` pixels.
            nearest(x, y, reach) {
                let [found, best] = [-1, reach * reach];
                for (let k = 0; k < xs.length; k += 1) {
                    const far = (xs[k] - x) ** 2 + (ys[k] - y) ** 2;
                    if (far < best) {
                        [found, best] = [k, far];
                    }
                }
                return found;
            },
            // The ids of the points within an outline.
            within: (outline) => picture.data.ids.filter((_, k) => inside(xs[k], ys[k], outline)),
        };

        // Takes other points, seen as before if they are as many and of as many dimensions.
        function show(data) {
            const same = data.space === picture.data.space && data.ids.length === picture.data.ids.length;
            picture.camera = same ? picture.camera : still();
            picture.data = data;
            const n = data.points.length;
            const ends = [0, 1].map((axis) => data.points.reduce(([a, b], p) => [Math.min(a, p[axis]), Math.max(b, p[axis])], [Infinity, -Infinity]));
            middle = n && !data.space ? ends.map(([a, b]) => (a + b) / 2) : [0, 0];
            const longest = data.space ? 2 * CUBE : Math.max(...ends.map(([a, b]) => (n ? b - a : 0)));
            side = Math.max(longest, LEAST_SIDE) * (1 + 2 * ROOM);
            [xs, ys, depths] = [new Float32Array(n), new Float32Array(n), new Float32Array(n)];
            order = Uint32Array.from({ length: n }, (_, k) => k);
            root.dataset.points = String(n);
            paintSprites();
            picture.redraw();
        }

        function resize() {
            [picture.width, picture.height, ratio] = [root.clientWidth, root.clientHeight, window.devicePixelRatio || 1];
            for (const [canvas, ink] of [[ground, pen], [above, overPen]]) {
                canvas.width = Math.round(picture.width * ratio);
                canvas.height = Math.round(picture.height * ratio);
                ink.setTransform(ratio, 0, 0, ratio, 0, 0);
            }
            paintSprites();
            picture.redraw();
        }
        new ResizeObserver(resize).observe(root);

        // A dot and a diamond of each colour, and of the chosen ones: painted once, then only copied.
        function paintSprites() {
            const { data } = picture;
            const radius = data.points.length > MANY ? SMALL : LARGE;
            const paint = (colour, size, diamond) => {
                const box = 2 * (size + 1);
                const sprite = document.createElement("canvas");
                sprite.width = sprite.height = Math.ceil(box * ratio);
                const ink = sprite.getContext("2d");
                ink.scale(ratio, ratio);
                ink.translate(box / 2, box / 2);
                ink.fillStyle = colour;
                ink.beginPath();
                if (diamond) {
                    ink.rotate(Math.PI / 4);
                    ink.rect(-0.85 * size, -0.85 * size, 1.7 * size, 1.7 * size);
                } else {
                    ink.arc(0, 0, size, 0, 2 * Math.PI);
                }
                ink.fill();
                return { sprite, box };
            };
            const both = (colour, size) => [paint(colour, size, false), paint(colour, size, true)];
            sprites = { plain: data.colours.map((colour) => both(colour, radius)), chosen: both(data.accent, radius + GROWN) };
        }

        // Where the camera sees a point: (point) => [x, y, how near].
        function lens() {
            const { camera, width, height } = picture;
            const scale = (Math.min(width, height) / side) * camera.zoom;
            const [midX, midY] = [width / 2 + camera.x, height / 2 + camera.y];
            const [cosY, sinY, cosP, sinP] = [Math.cos(camera.yaw), Math.sin(camera.yaw), Math.cos(camera.pitch), Math.sin(camera.pitch)];
            const flat = (p) => [midX + (p[0] - middle[0]) * scale, midY - (p[1] - middle[1]) * scale, 0];
            const deep = ([x, y, z]) => {
                const near = z * cosY - x * sinY;
                return [midX + (x * cosY + z * sinY) * scale, midY - (y * cosP + near * sinP) * scale, (2 * (near * cosP - y * sinP)) / side];
            };
            return picture.data.space ? deep : flat;
        }

        // The edges of the cube that all points lie in: without it, turning is hard to follow.
        function drawCube(see) {
            pen.strokeStyle = picture.data.line;
            pen.lineWidth = 1;
            pen.beginPath();
            for (const ends of EDGES) {
                const [from, to] = ends.map(see);
                pen.moveTo(from[0], from[1]);
                pen.lineTo(to[0], to[1]);
            }
            pen.stroke();
        }

        function put(k, isChosen) {
            const { data } = picture;
            const diamond = data.diamond?.[k] ?? 0;
            const { sprite, box } = isChosen ? sprites.chosen[diamond] : sprites.plain[data.colour[k]][diamond];
            const size = data.space ? box * (0.85 + 0.3 * depths[k]) : box;
            pen.drawImage(sprite, xs[k] - size / 2, ys[k] - size / 2, size, size);
        }

        function draw() {
            drawing = 0;
            const { data, chosen, width, height } = picture;
            if (!width) {
                return;
            }
            const see = lens();
            data.points.forEach((p, k) => ([xs[k], ys[k], depths[k]] = see(p)));
            pen.clearRect(0, 0, width, height);
            if (data.space) {
                order.sort((a, b) => depths[a] - depths[b]);
                drawCube(see);
            }
            const later = [];
            pen.globalAlpha = chosen.size ? 0.3 : 0.85;
            for (const k of order) {
                chosen.has(data.ids[k]) ? later.push(k) : put(k, false);
            }
            pen.globalAlpha = 1;
            later.forEach((k) => put(k, true));
            root.dataset.chosen = String(later.length);
            drawAbove();
        }

        function drawAbove() {
            overlaying = 0;
            const { data, outline, hovered, width, height } = picture;
            overPen.clearRect(0, 0, width, height);
            overPen.strokeStyle = data.accent;
            overPen.lineWidth = 1.5;
            if (outline) {
                overPen.setLineDash([4, 3]);
                overPen.fillStyle = data.accent;
                overPen.beginPath();
                for (let at = 0; at < outline.length; at += 2) {
                    overPen.lineTo(outline[at], outline[at + 1]);
                }
                overPen.closePath();
                overPen.globalAlpha = 0.08;
                overPen.fill();
                overPen.globalAlpha = 1;
                overPen.stroke();
                overPen.setLineDash([]);
            }
            if (hovered >= 0) {
                overPen.beginPath();
                overPen.arc(xs[hovered], ys[hovered], RING, 0, 2 * Math.PI);
                overPen.stroke();
            }
        }

        return picture;
    };
})();
