import { Component, onWillStart, useExternalListener, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { sayChance } from "./marketing_match_reasons";

// how many questions are there before they are asked
const AHEAD = 3;
const MODEL = "marketing.match";
const KEYS = { s: "same", n: "differs", l: "later" };
const ROWS = { same: "table-success", like: "table-warning", differs: "table-danger" };

/** Asks one question after the other: are these two the same? */
export class MarketingMatchQueue extends Component {
    static template = "marketing_contact.MatchQueue";
    static props = { ...standardActionServiceProps };

    sayChance = sayChance;

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ questions: [], count: 0, answered: [], busy: false });
        onWillStart(() => this.load());
        useExternalListener(window, "keydown", (ev) => this.onKeydown(ev));
    }

    get question() {
        return this.state.questions[0];
    }

    get canTakeBack() {
        return this.state.answered.length > 0;
    }

    getRowClass(line) {
        return ROWS[line.tone];
    }

    /** Fetch what comes next, so that it is there when this one is answered. */
    async load() {
        const wanted = AHEAD - this.state.questions.length;
        if (wanted <= 0) {
            // those that were taken back are there already
            return;
        }
        const skip = [
            ...this.state.answered.map((question) => question.id),
            ...this.state.questions.map((question) => question.id),
        ];
        const { count, questions } = await this.orm.call(MODEL, "get_queue", [], {
            skip_ids: skip,
            limit: wanted,
        });
        const known = new Set(this.state.questions.map((question) => question.id));
        this.state.questions.push(...questions.filter(({ id }) => !known.has(id)));
        this.state.count = count + known.size;
    }

    onKeydown(ev) {
        const typing = ev.target.closest?.("input, textarea, [contenteditable], .modal");
        if (typing || ev.ctrlKey || ev.metaKey || ev.altKey) {
            return;
        }
        const key = ev.key.toLowerCase();
        if (KEYS[key] && this.question) {
            ev.preventDefault();
            this.answer(KEYS[key]);
        } else if (key === "u" && this.canTakeBack) {
            ev.preventDefault();
            this.takeBack();
        }
    }

    async answer(answer) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        const question = this.question;
        try {
            const action = await this.orm.call(MODEL, "answer_question", [
                question.id,
                answer,
            ]);
            this.state.answered.push(question);
            this.state.questions.shift();
            this.state.count -= 1;
            if (action) {
                await this.action.doAction(action);
            }
        } finally {
            this.state.busy = false;
        }
        await this.load();
    }

    async takeBack() {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            const { id } = this.state.answered.at(-1);
            const question = await this.orm.call(MODEL, "take_back_answer", [id]);
            this.state.answered.pop();
            this.state.questions.unshift(question);
            this.state.count += 1;
        } finally {
            this.state.busy = false;
        }
    }

    open(side) {
        this.action.doAction({
            type: "ir.actions.act_window",
            res_model: side.model,
            res_id: side.id,
            views: [[false, "form"]],
            name: _t("Open"),
            target: "new",
        });
    }

    openBoard() {
        this.action.doAction("marketing_contact.marketing_match_action");
    }
}

registry.category("actions").add("marketing_match_queue", MarketingMatchQueue);
