"""Which contacts can be one, and which of their links."""

from odoo.exceptions import ValidationError

from ..sync.rights import shown_name


def check_merges(env, merges):
    """Check that all contacts of the merges may become one, in words for people.

    :param list[Merge] merges: each contact in one of them only
    :raise ValidationError: naming the two that can't be merged
    :raise AccessError: if the user may not write on a contact
    """
    contacts = env["marketing.contact"]
    seen = set()
    for merge in merges:
        contacts |= merge.target | merge.sources
    contacts.check_access("write")
    contacts.fetch(
        ["name", "number", "is_company", "company_id", "merged_into_id", "parent_id"]
    )
    for merge in merges:
        target = merge.target.with_prefetch(contacts._ids)
        for source in merge.sources.with_prefetch(contacts._ids):
            if problem := _get_problem(env, source, target):
                raise ValidationError(problem)
        ids = {merge.target.id, *merge.sources.ids}
        if seen & ids:
            raise ValidationError(
                env._("A contact is given twice. Choose different ones to merge.")
            )
        seen |= ids


def _get_problem(env, source, target):
    """Return why a contact can't be merged into another one, None if it can."""
    own, other = source.company_id, target.company_id
    alike = source.is_company == target.is_company
    merged = source.merged_into_id or target.merged_into_id
    if source != target and alike and not merged and (not other or own == other):
        return None
    names = {"merged": source.display_name, "target": target.display_name}
    if source == target:
        return env._("“%(merged)s” can't be merged into itself.", **names)
    for contact in (source, target):
        if survivor := contact.merged_into_id:
            return env._(
                "“%(contact)s” was merged into “%(survivor)s” already. Choose that.",
                contact=contact.display_name,
                survivor=shown_name(survivor),
            )
    if source.parent_id == target or target.parent_id == source:
        return env._(
            "“%(merged)s” and “%(target)s” are a company and one of its people, so "
            "they can't be one contact.",
            **names,
        )
    if not alike:
        return env._(
            "A person and a company can't be one contact: “%(merged)s” and "
            "“%(target)s”. Make both the same first.",
            **names,
        )
    if other and other not in own.parent_ids:
        if not own:
            return env._(
                "“%(merged)s” is there for all companies, “%(target)s” for "
                "%(company)s only. Merge them the other way round.",
                company=other.sudo().name,
                **names,
            )
        return env._(
            "“%(merged)s” and “%(target)s” belong to different companies, so they "
            "can't be merged.",
            **names,
        )
    return None


# ------------------------------------------------------------
# LINKS
# ------------------------------------------------------------


def get_collisions(merge):
    """Return the links of which only one contact's can stay.

    :param Merge merge: with the rights to read all links
    :return: ``{(kind, company id): links}``, by the contact's order
    """
    kinds = merge.target.relation_ids._get_kinds()
    places = {}
    for link in (merge.target | merge.sources).relation_ids:
        kind = kinds.get(link.kind)
        if not kind:
            continue
        if kind.single:
            places.setdefault((kind.name, link.company_id.id), []).append(link)
        elif kind.shared_column != kind.card_column and link._get_shared_record():
            # such as bank accounts: several, at one bank
            places.setdefault((kind.name, None), []).append(link)
    collisions = {}
    for place, links in places.items():
        kind = kinds[place[0]]
        different = links if kind.single else {x._get_shared_record() for x in links}
        if len(different) > 1:
            collisions[place] = links
    return collisions


def split_links(merge):
    """Return the links that move to the contact that stays, and those to give up.

    :param Merge merge: with the rights to read all links
    :raise ValidationError: for links of which only one contact's can stay, unless the
        merge says whose
    """
    leaving = merge.target.relation_ids.browse()
    for (kind, company_id), links in get_collisions(merge).items():
        kept = merge.keep_links.get((kind, company_id)) or merge.keep_links.get(
            (kind, None)
        )
        staying = [link for link in links if kept and link.contact_id.id == kept.id]
        if not staying:
            _refuse_collision(merge, links)
        for link in links:
            if link not in staying:
                leaving |= link
    codes = {link.business_relation_id for link in _get_plain(merge.target)}
    for link in _get_plain(merge.sources):
        if link.business_relation_id in codes:
            leaving |= link
        codes.add(link.business_relation_id)
    return merge.sources.relation_ids - leaving, leaving


def _get_plain(contacts):
    return contacts.relation_ids.filtered(lambda link: not link.kind)


def _refuse_collision(merge, links):
    env = merge.target.env(su=False)
    first = links[0]
    other = next(link for link in links if link.contact_id != first.contact_id)
    raise ValidationError(
        env._(
            "“%(contact)s” and “%(other)s” are linked with different ones as "
            "%(kind)s: “%(card)s” and “%(other_card)s”. Choose which of them stays, or "
            "unlink one of them first.",
            contact=first.contact_id.display_name,
            other=other.contact_id.display_name,
            kind=first._get_kind_name(),
            card=shown_name(first._get_card().with_env(env)),
            other_card=shown_name(other._get_card().with_env(env)),
        )
    )
