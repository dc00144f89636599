/**
 * Look for a text in a list. Enter chooses nothing before what may be meant is listed.
 */
export function searchFor(text) {
    return [
        { trigger: ".o_searchview_input", run: `fill ${text}` },
        { trigger: `.o_searchview_autocomplete .o-dropdown-item:contains('${text}')` },
        { trigger: ".o_searchview_input", run: "press Enter" },
        { trigger: `.o_facet_value:contains('${text}')` },
    ];
}
