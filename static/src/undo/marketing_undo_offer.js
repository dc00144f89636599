import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";

function offerUndo({ notification, orm, action }, offer) {
    const { id, message } = offer;
    const close = notification.add(message, {
        type: "success",
        autocloseDelay: 10000,
        buttons: [
            {
                name: _t("Undo"),
                onClick: async () => {
                    close();
                    const next = await orm.call(
                        "marketing.sync.batch",
                        "action_undo",
                        [[id]],
                        offer.delete ? { delete_created: true } : {}
                    );
                    await action.doAction(next);
                },
            },
        ],
    });
}

/** Returns the function that says what was done, and offers to undo it. */
export function useUndoOffer() {
    const services = {
        notification: useService("notification"),
        orm: useService("orm"),
        action: useService("action"),
    };
    return (offer) => offerUndo(services, offer);
}

registry.category("actions").add("marketing_offer_undo", (env, { params }) => {
    offerUndo(env.services, params);
    return params.next;
});
