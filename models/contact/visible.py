"""Lines of which not everybody may see all."""

from odoo import fields


class VisibleLines(fields.One2many):
    """The lines of a record, of which each sees what they may read.

    Odoo keeps in memory what the first one who asks may read, and takes it for all
    there is, whoever asks next: with other companies, or with all rights. Here all are
    kept, and left out at each look, as Odoo does it with archived lines.
    """

    def read(self, records):
        if not records.env.su:
            records.env[self.comodel_name].check_access("read")
        # sudo: all lines are kept in memory, to be shown to whoever may read them
        return super().read(records.sudo())

    def convert_to_record(self, value, record):
        return _filter_readable(super().convert_to_record(value, record))

    def convert_to_record_multi(self, values, records):
        return _filter_readable(super().convert_to_record_multi(values, records))


def _filter_readable(lines):
    return lines._filtered_access("read").with_prefetch(lines._prefetch_ids)
