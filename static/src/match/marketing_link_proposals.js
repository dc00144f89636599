import { Component } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { MatchChips, sayChance } from "./marketing_match_reasons";

/** Who is likely the same, to be chosen with a click; nothing is chosen beforehand. */
export class MarketingLinkProposals extends Component {
    static template = "marketing_contact.LinkProposals";
    static components = { MatchChips };
    static props = { ...standardFieldProps };

    get proposals() {
        return (this.props.record.data[this.props.name] || []).map((proposal) => ({
            ...proposal,
            chance: sayChance(proposal.score),
            chosable: proposal.model === "res.partner",
        }));
    }

    choose({ id, display_name }) {
        return this.props.record.update({ partner_id: { id, display_name } });
    }
}

registry.category("fields").add("marketing_link_proposals", {
    component: MarketingLinkProposals,
    supportedTypes: ["json"],
});
