import json
from pathlib import Path

from odoo.tests import tagged

from ..models.match import matcher, names, normalise, scripts, weighing
from ..models.match.comparisons import COMPARISONS
from ..models.match.levels import DIFFERS, LIKE, SAME
from .common_match import MatchCommon

# By language: two ways to write one name, and names of two that are not one.
WRITTEN = {
    "el": ("Αφοί Στεφανίδη Ο.Ε.", "ΣΤΕΦΑΝΙΔΗ ΟΕ", "Εκδόσεις Αιγαίο", "Εκδόσεις Ιόνιο"),
    "ru": ("ООО «Северный ветер»", "Severnyi veter", "Аптека Заря", "Аптека Волна"),
    "ja": ("株式会社青空商事", "青空商事", "青空印刷", "若葉印刷"),
    "zh": ("杭州明月科技有限公司", "杭州明月科技", "杭州明月酒店", "苏州清风酒店"),
    "ko": ("주식회사 한빛전자", "한빛전자", "서울식품", "부산식품"),
    "ar": ("شركة النجم للتجارة ذ.م.م", "النجم للتجارة", "مطعم القلعة", "مطعم الواحة"),
    "he": ('כוכב הצפון בע"מ', "כוכב הצפון", "מאפיית לחם", "מאפיית דבש"),
    "hi": ("शर्मा ट्रेडर्स", "Sharma Tredars", "Gupta Motors", "Joshi Motors"),
    "tr": (
        "Işık Tekstil San. ve Tic. A.Ş.",
        "ISIK TEKSTIL",
        "Deniz Otel",
        "Orman Otel",
    ),
    "pl": (
        "Wiśnia Spółka z ograniczoną odpowiedzialnością",
        "WISNIA sp. z o. o. Gdańsk",
        "Hotel Pod Lipą",
        "Hotel Pod Dębem",
    ),
    "hu": (
        "Tölgy Korlátolt Felelősségű Társaság",
        "Tölgy Kft.",
        "Tisza Nyomda",
        "Maros Nyomda",
    ),
    "de": ("Müßig GmbH & Co. KG", "Muessig", "Bäckerei Adler", "Bäckerei Falke"),
    "sv": (
        "Björkås Åkeri AB",
        "Aktiebolaget Bjorkas Akeri",
        "Salong Eva",
        "Salong Ida",
    ),
    "es": ("Ñandú Sociedad Limitada", "NANDU S.L.", "Bar La Peña", "Bar El Faro"),
}
PEOPLE = {
    "ru": ("Мария Ёлкина", "Елкина Мария"),
    "el": ("Νίκος Ιωάννου", "Nikos Ioannou"),
    "ar": ("يوسف منصور", "Yousef Mansour"),
    "ja": ("佐藤 花子", "佐藤花子"),
    "hu": ("Szabó Katalin", "Kati Szabó"),
    "en": ("Robert Ashdown", "Bob Ashdown"),
    "tr": ("İbrahim Kılıç", "IBRAHIM KILIC"),
}


@tagged("post_install", "-at_install")
class TestMatchNames(MatchCommon):
    """Names, addresses and numbers of every country, however they were typed."""

    # ------------------------------------------------------------
    # SCRIPTS
    # ------------------------------------------------------------

    def test_names_of_every_script(self):
        """One name in two ways is found, by itself and more so with a phone."""
        alone, called = [], []
        for number, (name, other, *_traps) in enumerate(WRITTEN.values()):
            alone.append(self._pair(name, other))
            phone = {"phone": f"+46 31 700 1{number:02} 0"}
            called.append(
                self._pair(f"{name} X{number}X", f"{other} X{number}X", phone)
            )
        for number, (name, other) in enumerate(PEOPLE.values()):
            phone = {"phone": f"+46 31 800 1{number:02} 0"}
            called.append(self._pair(name, other, phone, is_company=False))
        pairs = alone + called
        contacts = self.Contact.browse([contact.id for contact, _partner in pairs])
        bands = self._bands(contacts)
        for contact, partner in pairs:
            with self.subTest(contact=contact.name, partner=partner.name):
                self.assertIn(bands.get((contact.id, partner.id)), ("sure", "ask"))

    def test_other_names_are_not_linked(self):
        """Two who share a switchboard and a ZIP code, in every script."""
        pairs = []
        for number, (*_same, name, other) in enumerate(WRITTEN.values()):
            both = {"phone": f"+46 31 600 1{number:02} 0", "zip": f"411 {number + 10}"}
            pairs.append(self._pair(name, other, both))
        contacts = self.Contact.browse([contact.id for contact, _partner in pairs])
        bands = self._bands(contacts)
        for contact, partner in pairs:
            with self.subTest(contact=contact.name, partner=partner.name):
                self.assertNotEqual(bands.get((contact.id, partner.id)), "sure")

    def test_signs_and_letters(self):
        """What one writes in signs and the other in letters contradicts nothing, and
        is no agreement.
        """
        both = {"phone": "+81 3 5550 1234"}
        contact, partner = self._pair("田中 太郎", "Taro Tanaka", both, False)
        self.assertEqual(self._bands(contact)[contact.id, partner.id], "ask")
        both = {"phone": "+81 3 5550 5678", "zip": "105-0001"}
        contact, partner = self._pair("青空印刷", "Wakaba Insatsu", both)
        self.assertNotEqual(self._bands(contact).get((contact.id, partner.id)), "sure")

    def test_like_names_with_one_phone(self):
        """What is like is not the same: a phone and a ZIP code may be of a house, its
        street says which.
        """
        for number, (name, other) in enumerate(
            (("Mehta & Sons", "Mehda & Sons"), ("Salong Eva Lindh", "Salong Ida Lindh"))
        ):
            both = {"phone": f"+46 31 500 1{number:02} 0", "zip": f"412 {number + 10}"}
            with self.subTest(name=name):
                contact, partner = self._pair(name, other, both)
                bands = self._bands(contact)
                self.assertEqual(bands.get((contact.id, partner.id)), "ask")
        both = {"street": "Vegagatan 5", "zip": "412 09", "phone": "+46 31 500 20 20"}
        contact, partner = self._pair("Kuldipp Ahuja Trading", "Kuldip Ahuja", both)
        self.assertEqual(self._bands(contact)[contact.id, partner.id], "sure")

    def test_what_cannot_be_read_equals_nothing(self):
        both = {"phone": "+46 31 700 99 00", "zip": "411 38", "street": "Vegagatan 3"}
        for name, other in (("***", "???"), ("★", "☆"), ("…", "Acme")):
            with self.subTest(name=name, other=other):
                contact, partner = self._pair(name, other, both)
                bands = self._bands(contact)
                self.assertNotEqual(bands.get((contact.id, partner.id)), "sure")

    def test_a_first_name_written_short_or_with_a_slip(self):
        """Who has the same mailbox and phone is not asked for a first letter, also of a
        name that is short for another one, or for two letters that changed places.
        """
        for number, (name, other) in enumerate(
            (
                ("H. Tertahaus", "Hans Tertahaus"),
                ("W. Ashdown", "Bill Ashdown"),
                ("B. Ashworth", "Bill Ashworth"),
                ("Tmoasz Tracorowska", "Tomasz Tracorowska"),
            )
        ):
            both = {
                "email": f"{other.lower().replace(' ', '.')}@gmail.com",
                "phone": f"+46 31 700 77 {number:02}",
            }
            with self.subTest(name=name):
                contact, partner = self._pair(name, other, both, is_company=False)
                bands = self._bands(contact)
                self.assertEqual(bands.get((contact.id, partner.id)), "sure")

    def test_a_slip_in_the_name_of_a_company(self):
        """One letter is another one, is lacking, too many or has changed places: in a
        word that nobody else has, the names are found and nearly the same.
        """
        pairs = [
            self._pair(name, other)
            for name, other in (
                ("Zenferoma", "Zenteroma AB"),
                ("Dukelvaren", "Dukelvarn"),
                ("Trapelqvist & Erkelsdal", "Trapelqvsit & Erkelsdal AB"),
                ("Quorbau Kälte", "Quorbau Käälte GmbH"),
            )
        ]
        contacts = self.Contact.browse([contact.id for contact, _partner in pairs])
        found = contacts.find_cards()
        for contact, partner in pairs:
            with self.subTest(contact=contact.name, partner=partner.name):
                [card] = found[contact.id]
                self.assertEqual((card["id"], card["band"]), (partner.id, "ask"))
                reasons = [reason["name"] for reason in card["reasons"]]
                self.assertNotIn("extra", reasons)

    def test_a_slip_in_the_name_of_a_person(self):
        """One letter of a first or family name, at one door: it is likely one person;
        by a first name it is not sure, it may be of two.
        """
        for number, (name, other) in enumerate(
            (
                ("Kane Ostermark", "Kabe Ostermark"),
                ("Indiana Tolvsby", "Indiana Tolvbsy"),
            )
        ):
            house = {"street": f"Vegagatan {number + 80}", "zip": "411 38"}
            contact, partner = self._pair(name, other, house, is_company=False)
            with self.subTest(name=name):
                self.assertIn((contact.id, partner.id), self._likely(contact, 80))
        contact = self._contact("Kane Ostermark", is_company=False, **house)
        partner = self._partner("Kate Ostermark", is_company=False, **house)
        bands = self._bands(contact)
        self.assertNotEqual(bands.get((contact.id, partner.id)), "sure")

    def test_slips_in_name_and_street(self):
        """At one number, without a town: found however both are written."""
        for name, street, other, other_street in (
            (
                "Georye Quillon",
                "495 Pinewood Ave",
                "George Quiljon",
                "495 Pniewood Ave",
            ),
            ("Ostermark Kin", "72 Oak Ln", "Kin Ostermark", "72 Oka Ln"),
        ):
            with self.subTest(name=name):
                contact = self._contact(name, is_company=False, street=street)
                partner = self._partner(other, is_company=False, street=other_street)
                self.assertIn((contact.id, partner.id), self._likely(contact, 10))

    def test_nothing_but_the_address(self):
        """Two shops of one house are not likely one, nor two like names elsewhere."""
        house = {"street": "3400 Tumbleweed Blvd", "city": "Dry Gulch"}
        contact = self._contact("Bistro Amaranth", phone="+1 702 555 0101", **house)
        partner = self._partner("Moongate Sushi", phone="+1 702 555 0144", **house)
        self.assertNotIn((contact.id, partner.id), self._likely(contact, 50))
        contact = self._contact(
            "Cinnabar", phone="+1 212 555 0101", street="12 Amber Ave", city="Milton"
        )
        partner = self._partner(
            "Cinnabar's", phone="+1 415 555 0144", street="98 Jade St", city="Salem"
        )
        self.assertNotIn((contact.id, partner.id), self._likely(contact, 10))

    def test_letters(self):
        for text, letters in (
            ("Γεωργίου", "georgiou"),
            ("Щукин", "shchukin"),
            ("ﾐﾗｲ", "mirai"),
            ("しょうじ", "shoji"),
            ("शर्मा", "sharma"),
            ("İSTANBUL ılık", "istanbul ilik"),
            ("Ｍüller", "muller"),
            ("الراجحى", scripts.fold("الراجحي")),
            ("\u200fשלום\u200e", scripts.fold("שלום")),
            ("e\u0301cole", "ecole"),
            ("１２３", "123"),
        ):
            with self.subTest(text=text):
                self.assertEqual(scripts.fold(text), letters)
        self.assertEqual(scripts.split_words("富士見ホテル"), ["富士見", "hoteru"])
        self.assertNotEqual(scripts.spell("青空"), scripts.spell("若葉"))

    def test_legal_forms(self):
        words = self.env["marketing.match.word"]._get_words()
        for name, kept in (
            ("Kowalski sp. z o.o. Kraków", ["kowalski", "krakow"]),
            ("Foo Ltd t/a Bar", ["foo", "bar"]),
            ("M/s Ganesh Traders", ["ganesh", "traders"]),
            ("Sharma Private Limited", ["sharma"]),
            ("さくら工業（有）", ["sakura", "工業"]),
            ("Müller GmbH Berlin", ["muller", "berlin"]),
            ("GmbH", ["gmbh"]),
            ("Foo d.b.a. Bar", ["foo", "bar"]),
            ("Messrs Ganesh Traders", ["ganesh", "traders"]),
            ("Foo AB i likvidation", ["foo"]),
            ("PHU Kowalski", ["kowalski"]),
            ("Kowalski P.H.U.", ["kowalski"]),
            # a word of names in Vietnam, as others are
            ("Minh Phú", ["minh", "phu"]),
            ("MINH PHU", ["minh", "phu"]),
            ("Phu My", ["phu", "my"]),
            ("Công ty TNHH Hồng Tú Phú", ["hong", "tu", "phu"]),
            ("Đồng Tâm Group JSC", ["dong", "tam", "group"]),
            ("한빛전자주식회사", ["hanbitjeonja"]),
        ):
            with self.subTest(name=name):
                self.assertEqual(names.get_company_words(name, words), kept)

    # ------------------------------------------------------------
    # PEOPLE
    # ------------------------------------------------------------

    def test_people_are_not_linked_by_a_name(self):
        """Namesakes are many: something of their own must agree besides."""
        us = {"country_id": self.env.ref("base.us").id}
        place = {"zip": "62704", "city": "Springfield"}
        alone = self._pair(
            "Hortensia Quillfeather", "Hortensia Quillfeather", us, False
        )
        town = self._pair("Ebenezer Quagmire", "Ebenezer Quagmire", us | place, False)
        phone = us | {"phone": "+1 217 555 0143"}
        own = self._pair("Philippa Umbridge", "Philippa Umbridge", phone, False)
        contacts = alone[0] | town[0] | own[0]
        bands = self._bands(contacts)
        self.assertEqual(bands[alone[0].id, alone[1].id], "ask")
        self.assertEqual(bands[town[0].id, town[1].id], "ask")
        self.assertEqual(bands[own[0].id, own[1].id], "sure")

    def test_like_people_are_two(self):
        """At one door, with one phone."""
        for number, (name, other) in enumerate(
            (
                ("Michelle M Garza", "Michelle K Garza"),
                ("Michelle M Garza", "Michelle M Korda"),
                ("Andrea Wallin", "Andreas Wallin"),
                ("John Tolliver Sr.", "John Tolliver Jr."),
                ("John Tolliver", "John Tolliver II"),
                ("José Pinheiro", "José Pinheiro Neto"),
                ("Anna Ekblad", "Emma Ekblad"),
            )
        ):
            with self.subTest(name=name, other=other):
                both = {
                    "street": f"Vegagatan {number + 3}",
                    "zip": "411 38",
                    "city": "Göteborg",
                    "phone": f"+46 31 777 10 {number:02}",
                }
                contact, partner = self._pair(name, other, both, False)
                bands = self._bands(contact)
                self.assertNotEqual(bands.get((contact.id, partner.id)), "sure")

    def test_a_persons_tax_id(self):
        both = {"vat": "SE556012579001", "is_company": False}
        contact = self._contact("Viktor Åsander", **both)
        partner = self._partner(
            "Viktor Åsander Snickeri", **both | {"is_company": True}
        )
        found = contact.find_cards()[contact.id]
        self.assertEqual(found[0]["id"], partner.id)
        self.assertGreater(found[0]["score"], 50)
        self.assertNotIn("type", [reason["name"] for reason in found[0]["reasons"]])

    # ------------------------------------------------------------
    # ADDRESSES, PHONES, NUMBERS
    # ------------------------------------------------------------

    def test_addresses(self):
        words = self.env["marketing.match.word"]._get_words()
        for street, other in (
            ("W. 17th St 12", "12 West 17th Street"),
            ("160 W 25th St., Suite 400", "160 w. 25th street"),
            ("Storgatan 12 lgh 1102", "Storg. 12"),
            ("Hauptstr. 12/4", "Hauptstraße 12"),
            ("Calle Mayor 5, 3º B", "C/ Mayor 5"),
            ("1000 Fifth Ave", "1000 5th Avenue, 2nd floor"),
            ("Flat 3, 12 High Street", "12 High St"),
            ("12-14 High St", "12 High Street"),
            ("Rua 7 de Setembro 120", "R. 7 de Setembro, 120"),
            ("854 7th Ave. between 54th and 55th Sts.", "854 Seventh Avenue"),
            ("95 Ave. B at 6th St.", "95 Avenue B"),
            ("57 Jane St. off Hudson St.", "57 Jane Street"),
            ("60 W. 55th St. between 5th and 6th Ave.", "60 W 55th Street"),
            ("Opp. City Hall, 12 Mahatma Road", "12 Mahatma Rd"),
            ("Calle Mayor 5, entre Luna y Sol", "Calle Mayor 5"),
            ("Lindenallee 7, Ecke Bahnhofstraße", "Lindenallee 7"),
            ("Near North Road 12", "12 Near North Rd."),
            ("350 5th Ave Fl 21", "350 5th Ave"),
            ("Gran Vía 12, 2ª planta", "Gran Vía 12"),
            ("12 rue de la Paix, 3e étage", "12 rue de la Paix"),
            ("Váci út 12. II. em. 3", "Váci út 12"),
            ("Plot No. 12, Temple Road", "12 Temple Rd"),
            ("Av. Paulista, 1578 - Bela Vista", "Avenida Paulista 1578"),
            ("Keizersgracht 12 bis", "Keizersgracht 12"),
            ("Storgatan 12 c/o Berg", "Storgatan 12"),
        ):
            with self.subTest(street=street):
                road, house = names.get_road(street, words)
                other_road, other_house = names.get_road(other, words)
                self.assertEqual(house, other_house)
                self.assertTrue(road)
                self.assertEqual(road[:4], other_road[:4])
        self.assertNotEqual(
            names.get_road("12 17th St", words), names.get_road("12 18th St", words)
        )
        self.assertNotEqual(
            names.get_road("95 Ave. A", words), names.get_road("95 Ave. B", words)
        )
        for zip_code, other in (
            ("D-10115", "10115"),
            ("60302-1234", "60302"),
            ("SE-411 38", "41138"),
        ):
            self.assertEqual(names.get_zip(zip_code), names.get_zip(other))
        self.assertNotEqual(
            names.get_town("San José", words), names.get_town("San Diego", words)
        )

    def test_towns_of_two_words(self):
        """San José is not San Diego, Frankfurt is Frankfurt am Main."""
        contact = self._contact("Quokka Robotics", city="San José")
        near = self._partner("Quokka Robotics", city="San José, CA")
        far = self._partner("Quokka Robotics", city="San Diego")
        found = {card["id"]: card for card in contact.find_cards()[contact.id]}
        self.assertGreater(found[near.id]["score"], found[far.id]["score"])

    def test_phones(self):
        for text, digits in (
            ("tel:+46-31-712 34 56", ["317123456"]),
            ("(+46) 31 712 34 56", ["317123456"]),
            ("\u202a+46317123456\u202c", ["317123456"]),
            ("０３１－７１２３４５６", ["317123456"]),
            ("031-712 34 56 ext. 12", ["317123456"]),
            ("031-712 34 56 x12", ["317123456"]),
            ("031-7123456 / 070-1234567", ["317123456", "701234567"]),
            ("030/1234567", ["301234567"]),
            ("031-7123456 och 070-1234567", ["317123456", "701234567"]),
            ("+46317123456 +46701234567", ["317123456", "701234567"]),
        ):
            with self.subTest(text=text):
                self.assertEqual(normalise.get_phones(text), digits)
        self.assertEqual(normalise.get_phones("1-217-555-0143", "US"), ["2175550143"])
        self.assertEqual(
            normalise.get_phones("8 (495) 123-45-67", "RU"), ["4951234567"]
        )
        # as Odoo has read it, unless it is of another number
        self.assertEqual(
            normalise.get_phones("0049 30 123456", "", "+4930123456"), ["30123456"]
        )
        self.assertEqual(
            normalise.get_phones("031-7123456", "", "+4930998877"), ["317123456"]
        )
        for text in (
            *("mailto:info@acme.se", '"Info" <info@acme.se>', "'info@acme.se'"),
            *("“info@acme.se”", "info @ acme.se", "info＠acme.se"),
        ):
            self.assertEqual(normalise.get_email(text), "info@acme.se")

    def test_official_numbers_of_branches(self):
        self.assertEqual(
            normalise.get_vat("27AAPFU0939F1ZV"), normalise.get_vat("29AAPFU0939F1ZR")
        )
        self.assertEqual(
            normalise.get_vat("12.345.678/0001-95"),
            normalise.get_vat("12345678000276", "BR"),
        )

    def test_numbers_that_begin_with_letters(self):
        """A name's letters are no country's."""
        for number, other in (
            ("AAPFU0939F", "29AAPFU0939F1ZR"),
            ("RSSMRA85T10A562S", "IT RSSMRA85T10A562S"),
            ("ABC010101AB1", "MXABC010101AB1"),
            ("BR12345678000195", "12.345.678/0002-76"),
            ("CHE-123.456.788 MWST", "123456788"),
            ("ESB12345678", "B12345678"),
        ):
            with self.subTest(number=number):
                self.assertEqual(normalise.get_vat(number), normalise.get_vat(other))
        self.assertEqual(normalise.get_vat("AAPFU0939F"), "AAPFU0939F")

    def test_each_number_contradicts_by_itself(self):
        both = {
            "vat": "DE123456788",
            "phone": "+49 30 901820",
            "email": "info@zimtstern-werke.de",
        }
        contact, partner = self._pair(
            "Zimtstern Werke", "Zimtstern Werke", both, company_registry="HRB 4711"
        )
        self.assertEqual(self._bands(contact)[contact.id, partner.id], "sure")
        contact.company_registry = "HRB 4712"
        found = contact.find_cards()[contact.id][0]
        self.assertEqual(found["band"], "ask")
        self.assertIn("other_number", [reason["name"] for reason in found["reasons"]])

    # ------------------------------------------------------------
    # WEIGHTS
    # ------------------------------------------------------------

    def test_more_agreement_weighs_more(self):
        path = Path(weighing.__file__).with_name("weights.json")
        tones = (SAME, LIKE, DIFFERS)
        for kind, weights in json.loads(path.read_text()).items():
            for comparison in COMPARISONS:
                known = weights[comparison.name]
                bits = [
                    known[level.name]
                    for level in sorted(
                        comparison.levels, key=lambda level: tones.index(level.tone)
                    )
                ]
                with self.subTest(kind=kind, comparison=comparison.name):
                    self.assertEqual(bits, sorted(bits, reverse=True))
                    for level in comparison.levels:
                        if level.tone == SAME:
                            self.assertGreaterEqual(known[level.name], 0)
                        if level.tone == DIFFERS:
                            self.assertLessEqual(known[level.name], 0)

    def test_copies_of_a_customer(self):
        """What the records of one party have in common is not what many have."""
        whole = {
            "street": "Lindholmsallén 12",
            "zip": "417 55",
            "city": "Göteborg",
            "phone": "+46 31 700 55 10",
            "email": "info@kvistochgren.se",
        }
        contact = self._contact("Kvist och Gren AB", **whole)
        copies = [self._partner("Kvist och Gren AB", **whole)]
        fields = list(whole)
        for number in range(1, 7):
            left = {name: whole[name] for name in fields[number - 1 :]}
            copies.append(
                self._partner("Kvist och Gren AB", **left | {"city": "Göteborg"})
            )
        found = {
            card["id"]: card["score"]
            for card in contact.find_cards(limit=10)[contact.id]
        }
        best = found[copies[0].id]
        for copy in copies[1:]:
            self.assertGreaterEqual(best, found.get(copy.id, 0))

    def test_one_copy_agrees_in_all(self):
        """What seven copies of a customer share is held by one party: the one that
        agrees in everything is likely, whoever is asked.
        """
        whole = {
            "street": "Skeppsbron 31",
            "zip": "111 30",
            "city": "Stockholm",
            "phone": "+46 8 700 55 10",
            "email": "info@tvarvochlank.se",
        }
        contact = self._contact("Tvärv och Länk AB", **whole)
        fields = list(whole)
        copies = [
            self._partner(
                "Tvärv och Länk AB",
                **{name: whole[name] for name in fields[number:]}
                | {"city": "Stockholm"},
            )
            for number in range(6)
        ]
        copies.append(
            self._partner("Tvärv och Länk AB", **whole | {"phone": "+46 8 700 99 99"})
        )
        found = {card["id"]: card for card in contact.find_cards(limit=10)[contact.id]}
        best = found.pop(copies[0].id)
        self.assertGreater(best["score"], 75)
        self.assertTrue(found)
        for other in found.values():
            self.assertGreater(best["score"], 5 * other["score"])
        matches = self.env["marketing.match"].with_user(self.manager).match_all()
        stored = matches.filtered(
            lambda match: match.contact_id == contact and match.partner_id == copies[0]
        )
        self.assertAlmostEqual(stored.score, best["score"], 2)

    def test_branches_are_not_copies(self):
        """What like names in other towns have in common is what several have."""
        both = {"email": "info@kvistochgren.se", "phone": "+46 31 700 55 10"}
        contact = self._contact("Kvist och Gren AB", city="Lund", **both)
        for city in ("Lund", "Malmö", "Kalmar", "Ystad"):
            self._partner("Kvist och Gren AB", city=city, **both)
        for card in contact.find_cards()[contact.id]:
            texts = " ".join(str(reason["text"]) for reason in card["reasons"])
            self.assertNotIn("nobody else", texts)

    def test_prior_of_doubles(self):
        """As many doubles as the pairs say."""
        many = [(12.0, 400), (-1.0, 300), (-9.0, 300)]
        few = [(12.0, 10), (-1.0, 300), (-9.0, 3000)]
        self.assertGreater(matcher.get_prior_shift(many, 0.06), 1)
        self.assertLess(matcher.get_prior_shift(few, 0.06), 0)
        self.assertEqual(round(matcher.get_prior_shift([], 0.06), 6), 0)

    def test_many_doubles_are_likelier(self):
        """A list with many copies of each: asked among all and singly, the same."""
        vals_list = []
        for number in range(80):
            name = f"Vandel{chr(97 + number % 26)}{chr(97 + number // 26)}or Plåt"
            vals = {"is_company": True, "phone": f"+46 31 711 {number:02} 20"}
            vals_list += [vals | {"name": name}] * 4
        contacts = self.Contact.create(vals_list)
        before = contacts[0].find_duplicates()[contacts[0].id][0]["score"]
        matches = self.env["marketing.match"].with_user(self.manager).match_all()
        shift = matcher.get_shift(self.env)
        self.assertGreater(shift["company"], 0)
        found = contacts[0].find_duplicates()[contacts[0].id]
        self.assertGreater(found[0]["score"], before)
        stored = {
            match.other_contact_id.id: match.score
            for match in matches
            if match.contact_id == contacts[0] and match.other_contact_id
        }
        for double in found[:3]:
            self.assertAlmostEqual(stored[double["id"]], double["score"], 2)
