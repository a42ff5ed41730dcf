/* The charts: the server makes each figure for everybody, the filters leave people out of it here. */
(function () {
    "use strict";

    const dramatis = (window.dramatis = window.dramatis || {});
    const MOST_MOMENTS = 200;
    const NARROW = 560;
    const MOST_WITH_TEXT = 25;
    let pair = null;
    let watcher = null;
    let sizes = null;
    let fitted = 0;

    // A figure without the people who are not shown.
    function filtered(source, shown) {
        const figure = { data: source.data, layout: { ...source.layout } };
        const wanted = new Set(shown);
        const [first] = source.data;
        if (!first || !shown.length) {
            const hidden = { visible: false };
            return { data: [], layout: { ...source.layout, xaxis: hidden, yaxis: hidden, height: 160 } };
        }
        if (first.type === "scatter") {
            figure.data = stacked(source, wanted);
            return figure;
        }
        const kept = first.meta.people.map((_, k) => k).filter((k) => wanted.has(first.meta.people[k]));
        const of = (list) => (Array.isArray(list) ? kept.map((k) => list[k]) : list);
        const places = kept.map((_, k) => k);
        const trace = { ...first, y: places, meta: { people: of(first.meta.people) } };
        const { yaxis, xaxis, height } = source.layout;
        const labels = { tickvals: places, ticktext: of(yaxis.ticktext) };
        const perRow = first.type === "bar" ? 24 : 22;
        figure.layout.height = height - (first.y.length - kept.length) * perRow;
        if (first.type === "bar") {
            Object.assign(trace, { x: of(first.x), text: of(first.text), hovertext: of(first.hovertext) });
            const { color, pattern } = first.marker;
            trace.textposition = kept.length > MOST_WITH_TEXT ? "none" : "outside";
            trace.marker = { ...first.marker, color: of(color), pattern: { ...pattern, shape: of(pattern.shape) } };
            figure.layout.yaxis = { ...yaxis, ...labels, range: [kept.length - 0.4, -0.6] };
            figure.layout.xaxis = { ...xaxis, range: [0, Math.max(...trace.x, 1e-3) * 1.22] };
        } else {
            trace.x = places;
            trace.z = of(first.z).map(of);
            trace.text = of(first.text).map(of);
            figure.layout.yaxis = { ...yaxis, ...labels, range: [kept.length - 0.5, -0.5] };
            figure.layout.xaxis = { ...xaxis, ...labels, range: [-0.5, kept.length - 0.5] };
        }
        figure.data = [trace];
        return figure;
    }

    // The first few people each with a colour, the others added up.
    function stacked(source, wanted) {
        const { apart, people, others } = source.layout.meta;
        const traces = source.data.filter((trace) => wanted.has(trace.meta.people[0]));
        const shown = traces.slice(0, apart).map((trace, k) => ({
            ...trace,
            line: { ...trace.line, color: people[k] },
            fillcolor: people[k],
        }));
        const rest = traces.slice(apart);
        if (rest.length) {
            const sum = (lists) => lists[0].map((_, k) => lists.reduce((total, list) => total + list[k], 0));
            const seconds = sum(rest.map((trace) => trace.customdata.map(parseFloat)));
            shown.push({
                ...rest[0],
                name: rest.length === 1 ? rest[0].name : `${rest.length} others`,
                y: sum(rest.map((trace) => trace.y)),
                customdata: seconds.map((value) => `${value.toFixed(1)} s`),
                line: { ...rest[0].line, color: others },
                fillcolor: others,
                meta: { people: [] },
            });
        }
        return shown;
    }

    // Pixels that a chart may be wide.
    function room() {
        const frame = document.getElementById("film-chart-frame");
        const padding = frame ? parseFloat(getComputedStyle(frame).paddingLeft) : 0;
        return frame ? Math.max(280, Math.floor(frame.clientWidth - 2 * padding)) : 900;
    }

    function fit() {
        const plot = document.querySelector("#film-chart .js-plotly-plot");
        const width = room();
        if (plot && window.Plotly && plot.layout.width <= fitted && width !== fitted) {
            window.Plotly.relayout(plot, { width });
        }
        fitted = width;
    }

    // For a phone: fewer marks, shorter words, and a table that may be wider than the screen.
    function narrowed({ data, layout }, width) {
        const [first] = data;
        const cut = (words) => (words.length > 15 ? `${words.slice(0, 14).trimEnd()}…` : words);
        const axis = { ...layout.xaxis };
        if (first?.type !== "heatmap" && axis.tickvals) {
            const every = Math.ceil(axis.tickvals.length / 4);
            axis.tickvals = axis.tickvals.filter((_, k) => k % every === 0);
            axis.ticktext = axis.ticktext.filter((_, k) => k % every === 0);
        }
        const figure = { data, layout: { ...layout, xaxis: axis } };
        if (first?.type === "scatter") {
            const legend = { orientation: "v", x: 0, y: -0.2, yanchor: "top" };
            Object.assign(figure.layout, { legend, height: 290 + 21 * data.length });
        } else if (first) {
            figure.layout.yaxis = { ...layout.yaxis, ticktext: layout.yaxis.ticktext.map(cut) };
        }
        if (first?.type === "bar") {
            const clocks = first.text.map((words) => words.split(" · ")[0]);
            figure.data = [{ ...first, text: clocks }];
            figure.layout.margin = { ...layout.margin, l: Math.min(layout.margin.l, 128) };
            axis.nticks = 4;
            axis.range = [0, axis.range[1] * 1.12];
        } else if (first?.type === "heatmap") {
            axis.ticktext = axis.ticktext.map(cut);
            figure.layout.width = Math.max(width, 190 + 24 * first.y.length);
        }
        return figure;
    }

    /* Two people together. */

    function fillPair() {
        const frame = document.getElementById("film-pair");
        const film = dramatis.film;
        if (!frame || !film.here()) {
            return;
        }
        const told = frame.dataset.pair ? frame.dataset.pair.split(",").map(Number) : null;
        pair = pair || told || [0, Math.min(1, film.data.ids.length - 1)];
        for (const [k, id] of [
            [0, "film-pair-a"],
            [1, "film-pair-b"],
        ]) {
            const select = document.getElementById(id);
            const options = film.data.names.map((name, i) => film.element("option", { value: i }, name));
            select.replaceChildren(...options);
            select.value = String(pair[k]);
        }
        tellPair(false);
    }

    // Tells the moments that the two share and, when asked to, plays them one after the other.
    function tellPair(plays) {
        const film = dramatis.film;
        const [i, j] = pair;
        const list = document.getElementById("film-pair-moments");
        const words = document.getElementById("film-pair-words");
        if (!list || !film.here()) {
            return;
        }
        const moments = i === j ? [] : film.together(i, j);
        const both = `${film.name(i)} and ${film.name(j)}`;
        const seconds = moments.reduce((total, [from, to]) => total + to - from, 0);
        const times = `${moments.length} ${moments.length === 1 ? "moment" : "moments"}`;
        if (moments.length) {
            const look = { type: "button", class: "link", id: "film-pair-play" };
            const play = film.element("button", look, "Play them all");
            words.replaceChildren(`${film.clock(seconds)} together in ${times}. `, play);
        } else {
            words.replaceChildren(i === j ? "Choose two people." : "Never on screen at once.");
        }
        list.replaceChildren(
            ...moments.slice(0, MOST_MOMENTS).map(([from, to]) =>
                film.element(
                    "li",
                    {},
                    film.element("button", { type: "button", class: "moment", "data-seek": from }, film.clock(from)),
                    film.element("span", { class: "soft" }, `${(to - from).toFixed(1)} s`),
                ),
            ),
        );
        if (moments.length > MOST_MOMENTS) {
            list.append(film.element("li", { class: "soft" }, `and ${moments.length - MOST_MOMENTS} more`));
        }
        if (plays && moments.length) {
            dramatis.player.moments(moments, both);
        }
    }

    document.addEventListener("change", (event) => {
        if (event.target.id === "film-pair-a" || event.target.id === "film-pair-b") {
            pair = ["film-pair-a", "film-pair-b"].map((id) => Number(document.getElementById(id).value));
            tellPair(false);
        }
    });

    document.addEventListener("click", (event) => {
        if (event.target.id === "film-pair-play") {
            tellPair(true);
        } else if (event.target.id === "film-png") {
            const plot = document.querySelector("#film-chart .js-plotly-plot");
            if (plot && window.Plotly) {
                const title = dramatis.film.data.title.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
                const kind = document.querySelector(".chart-kinds input:checked")?.value ?? "chart";
                window.Plotly.downloadImage(plot, {
                    format: "png",
                    scale: 2,
                    width: plot.clientWidth,
                    height: plot.clientHeight,
                    filename: `${title || "film"}-${kind}`,
                });
            }
        }
    });

    /* What Dash calls. */

    window.dash_clientside = window.dash_clientside || {};
    window.dash_clientside.charts = {
        show(source, shown) {
            if (!source || !shown) {
                return window.dash_clientside.no_update;
            }
            const width = room();
            const figure = filtered(source, shown);
            // Its size is said outright: with half of it said, dcc.Graph decides about the other half anew each time.
            figure.layout.width = width;
            return width < NARROW ? narrowed(figure, width) : figure;
        },
        // Cells are pairs, steps are moments, bars are people.
        click(clicked) {
            const point = clicked?.points?.[0];
            const plot = document.querySelector("#film-chart .js-plotly-plot");
            const film = dramatis.film;
            if (point && plot && film.here()) {
                const trace = plot.data[point.curveNumber];
                if (trace.type === "heatmap") {
                    pair = [trace.meta.people[point.y], trace.meta.people[point.x]];
                    fillPair();
                    tellPair(true);
                } else if (trace.type === "scatter") {
                    dramatis.timeline.goTo(point.x);
                } else {
                    film.select(trace.meta.people[point.y]);
                }
            }
            return window.dash_clientside.no_update;
        },
        // The words beside a chart are new: those of pairs are filled here.
        told() {
            requestAnimationFrame(fillPair);
            return window.dash_clientside.no_update;
        },
    };

    // Figures, and the library that draws them, are asked for when they come near the screen.
    function watch() {
        pair = null;
        const frame = document.getElementById("film-chart-body");
        watcher?.disconnect();
        if (!frame) {
            return;
        }
        watcher = new IntersectionObserver(
            (entries) => {
                if (entries.some((entry) => entry.isIntersecting)) {
                    watcher.disconnect();
                    window.dash_clientside.set_props("film-chart-wanted", { data: true });
                }
            },
            { rootMargin: "300px" },
        );
        watcher.observe(frame);
        sizes?.disconnect();
        sizes = new ResizeObserver(fit);
        sizes.observe(document.getElementById("film-chart-frame"));
    }

    // Loaded before film.js, by its name: it listens as soon as all scripts are there.
    function listen() {
        dramatis.film.on((what) => {
            if (what === "data") {
                watch();
            } else if (what === "names" || what === "count") {
                fillPair();
            }
        });
    }
    document.readyState === "loading" ? document.addEventListener("DOMContentLoaded", listen) : setTimeout(listen, 0);
})();
