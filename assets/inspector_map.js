/* The inspector's map. */
(function () {
    "use strict";

    const dramatis = window.dramatis;
    const { inspector } = dramatis;

    dramatis.inspectorMap = dramatis.choiceMap("inspector-map", inspector, (key) => {
        const k = inspector.data.key.indexOf(key);
        if (k < 0) {
            return null;
        }
        const { element } = dramatis.film;
        const name = inspector.name(k);
        const face = dramatis.person.face(inspector.picture(k), name, "pm-face", 84);
        return element("div", { class: "pm-card" }, face, element("span", { class: "pm-name" }, name));
    });
})();
