import { ImportAction } from "@base_import/import_action/import_action";
import { BaseImportModel } from "@base_import/import_model";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { patch } from "@web/core/utils/patch";

/** Returns what the batches of one import brought in, together. */
function addUp(parts) {
    const all = (name) => parts.flatMap((part) => part[name] || []);
    const sum = (name) => parts.reduce((total, part) => total + part[name], 0);
    return {
        contacts: sum("contacts"),
        companies: sum("companies"),
        company_ids: all("company_ids"),
        alike_ids: all("alike_ids"),
        alike_domain: parts[0].alike_domain,
        waiting_ids: all("waiting_ids"),
    };
}

function count(number, one, many) {
    return number === 1 ? one : many;
}

/** Says what came in, or would. */
function describe({ contacts, companies }) {
    const parts = [count(contacts, _t("1 contact"), _t("%s contacts", contacts))];
    if (companies) {
        parts.push(count(companies, _t("1 company made"), _t("%s companies made", companies)));
    }
    return parts.join(", ");
}

function describeAlike({ alike_ids, waiting_ids }) {
    if (waiting_ids.length) {
        return _t("who of them looks like a customer is still being looked up");
    }
    return count(
        alike_ids.length,
        _t("1 looks like a customer"),
        _t("%s look like customers", alike_ids.length)
    );
}

function openList(action, name, model, views, domain) {
    return action.doAction({
        type: "ir.actions.act_window",
        name,
        res_model: model,
        views: views.map((type) => [false, type]),
        domain,
    });
}

/** Says what an import brought in, with a door to what is to be looked at. */
function tell({ notification, action }, told) {
    const buttons = [];
    const ids = told.waiting_ids.length ? told.waiting_ids : told.alike_ids;
    const message = [describe(told)];
    if (ids.length) {
        message.push(describeAlike(told));
        buttons.push({
            name: _t("Look at Them"),
            primary: true,
            onClick: () => {
                close();
                openList(action, _t("Who Is Who"), "marketing.match", ["kanban", "list"], [
                    ["contact_id", "in", ids],
                    ...told.alike_domain,
                ]);
            },
        });
    }
    if (told.company_ids.length) {
        buttons.push({
            name: _t("Show the Companies"),
            onClick: () =>
                openList(action, _t("Companies Made"), "marketing.contact", ["list", "form"], [
                    ["id", "in", told.company_ids],
                ]),
        });
    }
    const close = notification.add(message.join(", ") + ".", {
        title: _t("Imported"),
        type: "success",
        sticky: Boolean(ids.length),
        buttons,
    });
}

patch(BaseImportModel.prototype, {
    async executeImport(isTest = false) {
        this.marketingImported = [];
        const answer = await super.executeImport(...arguments);
        if (isTest && this.marketingImported.length && !answer.res?.hasError) {
            this._addMessage("info", [
                _t("What will come in: %s.", describe(addUp(this.marketingImported))),
            ]);
        }
        return answer;
    },

    async _callImport() {
        const answer = await super._callImport(...arguments);
        if (answer.marketing_imported) {
            this.marketingImported.push(answer.marketing_imported);
        }
        return answer;
    },
});

patch(ImportAction.prototype, {
    async handleImport(isTest = true) {
        await super.handleImport(...arguments);
        const parts = this.model.marketingImported || [];
        if (!isTest && parts.length) {
            const { notification, actionService } = this;
            tell({ notification, action: actionService }, addUp(parts));
        }
    },
});

/** Says the same of lists that came in without a screen that waits for them. */
registry.category("services").add("marketing_imported", {
    dependencies: ["bus_service", "notification", "action"],
    start(env, { bus_service: bus, notification, action }) {
        bus.subscribe("marketing_contact_imported", (told) =>
            tell({ notification, action }, told)
        );
    },
});
