/* The map of a person's faces. */
(function () {
    "use strict";

    const dramatis = window.dramatis;
    const { person } = dramatis;

    dramatis.personMap = dramatis.choiceMap("person-map", person, (track) => {
        const k = person.data.tracks.indexOf(track);
        if (k < 0) {
            return null;
        }
        const { element } = dramatis.film;
        const face = person.face(person.picture(k), person.data.name, "pm-face", 84);
        return element("div", { class: "pm-card" }, face, element("span", {}, person.where(k)));
    });
})();
