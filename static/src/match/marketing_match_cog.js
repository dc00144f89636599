import { Component } from "@odoo/owl";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";

const MODEL = "marketing.match";

/** What is done now and then with all that is in Who Is Who: an item of its cog. */
class MatchItem extends Component {
    static template = "marketing_contact.MatchItem";
    static components = { DropdownItem };
    static props = {};

    setup() {
        this.action = useService("action");
    }

    run() {
        return this.action.doActionButton({
            type: "object",
            name: this.method,
            resModel: MODEL,
            resIds: [],
            context: user.context,
        });
    }
}

class LookNow extends MatchItem {
    method = "action_match";
    label = _t("Look Now");
}

class MergeSureOnes extends MatchItem {
    method = "action_merge_sure";
    label = _t("Merge All Sure Ones");
}

class StartFromScratch extends MatchItem {
    method = "action_rebuild";
    label = _t("Start from Scratch");
    title = _t("Such as after values were changed in the database itself");
}

const isBoard = ({ config, searchModel }) =>
    searchModel?.resModel === MODEL && ["kanban", "list"].includes(config.viewType);
const isManagersBoard = async (env) =>
    isBoard(env) && user.hasGroup("marketing_contact.group_marketing_contact_manager");

registry
    .category("cogMenu")
    .add("marketing_match_look", {
        Component: LookNow,
        groupNumber: 1,
        isDisplayed: isManagersBoard,
    })
    .add("marketing_match_merge", {
        Component: MergeSureOnes,
        groupNumber: 1,
        isDisplayed: isBoard,
    })
    .add("marketing_match_rebuild", {
        Component: StartFromScratch,
        groupNumber: 1,
        isDisplayed: async (env) => Boolean(env.debug) && isManagersBoard(env),
    });
