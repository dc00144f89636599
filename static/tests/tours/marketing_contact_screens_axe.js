/* global axe */
import { loadJS } from "@web/core/assets";

// what Odoo draws wherever it is used: of these a rule that Odoo's screens break is theirs
const WIDGETS = [
    ".o_searchview",
    ".o_progress",
    ".o_field_widget[name=user_id]",
    "td[name=user_id]",
    ".o-autocomplete",
    ".o_select_menu",
    ".o_select_menu_toggler",
].join();

const pause = (delay) => new Promise((resolve) => setTimeout(resolve, delay));

async function waitFor(name, selector) {
    for (let i = 0; i < 200; i++) {
        if (document.querySelector(selector)) {
            // for what comes in after it: pictures, charts, what fades in
            return pause(600);
        }
        await pause(50);
    }
    throw new Error(`${name}: ${selector} does not show`);
}

/** Returns what an element is, whatever it says: its tag and classes, without ids. */
function describe(element) {
    if (!element || element.closest(WIDGETS)) {
        return "a widget";
    }
    const classes = [...element.classList].filter((name) => !/\d/.test(name));
    return [element.localName, ...classes.sort()].join(".");
}

/** Returns what axe finds on one screen, `[{rule, finding, html}]`. */
async function look({ name, action, options, wait }) {
    const { action: actions, dialog } = odoo.__WOWL_DEBUG__.root.env.services;
    dialog.closeAll();
    // a wizard's action is done when it is closed, not when it shows
    const done = actions.doAction(action, { clearBreadcrumbs: true, ...options });
    await Promise.race([done, pause(3000)]);
    await waitFor(name, wait);
    const { violations } = await axe.run(document, { resultTypes: ["violations"] });
    return violations
        .filter(({ impact }) => ["serious", "critical"].includes(impact))
        .flatMap(({ id, nodes }) =>
            nodes.map(({ html, target }) => ({
                rule: id,
                finding: `${id} of ${describe(document.querySelector(target[0]))}`,
                html,
            }))
        );
}

/**
 * Looks at Odoo's own screens, then at ours. What is found on Odoo's, of the same kind of
 * element, is not ours to mend.
 *
 * @param {string} url where the script of axe is
 * @param {object[]} yardstick Odoo's screens: name, action, options, what to wait for
 * @param {object[]} screens ours
 * @returns {Promise<string[]>} what is found on ours only, a line each
 */
export async function lookAtScreens(url, yardstick, screens) {
    await loadJS(url);
    const known = new Set();
    for (const screen of yardstick) {
        for (const { rule, finding } of await look(screen)) {
            known.add(finding).add(`${rule} of a widget`);
        }
    }
    const lines = new Set();
    for (const screen of screens) {
        for (const { finding, html } of await look(screen)) {
            if (!known.has(finding)) {
                known.add(finding);
                lines.add(`${screen.name}: ${finding}: ${html.slice(0, 200)}`);
            }
        }
    }
    return [...lines];
}
