"""Made-up campaigns: letters of one text as people change them, and letters that differ."""

from odoo.fields import Datetime

NAMES = (
    "Ana Rivera", "Luis Ortega", "Jordan Smith", "Mary-Ann O'Neill", "Wei Chen", "Fatima Khan",
    "José Luis Peña", "Grace Okafor", "Tom Baker", "Ingrid Larsen", "Marcus Hill", "Rosa Díaz",
)  # fmt: skip
STREETS = ("Elm Street", "Canal Street", "Harbor Road", "Second Avenue", "Oak Lane")

BIKE_FOR = """Dear {official},

I am writing to ask you to support the protected bike lanes on Main Street. Every week \
somebody is hurt there, and the plan before the council would slow traffic and give \
children a safe way to school. Please vote yes on the plan this Tuesday and do not let it \
be delayed again.
{own}
Sincerely,
{name}
{number} {street}
Rivermouth, CT 06499
555-01{number}"""

BIKE_AGAINST = """Dear {official},

I am writing to ask you to oppose the protected bike lanes on Main Street. Every week \
somebody is hurt there, and the plan before the council would slow traffic and give \
children a false sense of safety. Please vote no on the plan this Tuesday and let it \
be delayed again.
{own}
Sincerely,
{name}
{number} {street}"""

LIBRARY_ES = """Estimada {official}:

Le escribo para pedirle que apoye la biblioteca de la calle Canal. Es el único lugar del \
barrio donde los niños pueden estudiar por la tarde y donde los mayores leen el periódico. \
No permita que el presupuesto la cierre los sábados.
{own}
Atentamente,
{name}
{number} {street}"""

SHORT = """Hello {official},

Stop the tower on the harbor. It is too tall, it takes the sun from the beach, and nobody \
who lives here was asked about it.
{own}
Thank you,
{name}"""

LONG = """To {official}:

As a resident of this city for many years I have watched the river become cleaner, and I am \
proud of what the volunteers and the water department did together. The new outfall that \
the port has asked for would undo that work within a few summers. The study the port itself \
paid for says that the water at the town beach would be closed to swimmers for twenty days \
a year instead of two.

The permit hearing is next week. I ask the city to speak there and to reject the permit as \
it is written, to demand an independent study of the currents, and to tell residents in \
plain words what would be let into the river and when.

Nobody wants to see the signs at the beach again. The people who row, fish and swim here \
are many, and we will remember who spoke for the river.
{own}
Respectfully,
{name}
{number} {street}, Rivermouth, CT 06499
{name}@example.org"""

CAMPAIGNS = {
    "bike lanes, for": BIKE_FOR,
    "bike lanes, against": BIKE_AGAINST,
    "library, Spanish": LIBRARY_ES,
    "tower, short": SHORT,
    "outfall, long": LONG,
}
OWN = (
    "",
    "",
    "My daughter rides to the library every day and I worry about her.",
    "I have lived at the corner for thirty years and raised three children here.",
    "As a nurse I see the results of this in the emergency room far too often.",
    "Mi familia y yo vivimos en esta ciudad desde hace veinte años.",
    "P.S. My whole family feels the same way about it as I do.",
)
# Letters on the same issues that people wrote themselves.
DIFFERENT = {
    "bike lanes": (
        """Dear Mayor, my son was hit by a van at Main and Third in March. He is fine now but
        we still cross that street holding our breath. Whatever you build, please build it
        before school starts in the fall.""",
        """I own the hardware store on Main Street. My customers come by car because lumber
        does not fit on a bicycle. If you take the parking away for bike lanes you take my
        living, and that of four people who work for me.""",
        """To the council: the plan for bike lanes on Main Street is a good start, but the
        drawings end at the bridge, which is exactly where it is most dangerous. Please
        extend the lanes to the station and mark the crossings.""",
        """I read about the protected lanes in the newspaper. Has anybody thought of where the
        snow goes in winter? The plows cannot pass between posts, and last year the sidewalks
        were blocked until March.""",
    ),
    "library, Spanish": (
        """Buenos días. Mi hija hace sus tareas en la biblioteca porque en casa no tenemos
        internet. Si cierran los sábados no sé a dónde va a ir, yo trabajo hasta las seis.""",
        """Soy maestra jubilada y doy clases de lectura en la biblioteca de la calle Canal.
        Quisiera saber cuándo es la audiencia del presupuesto, porque varios vecinos queremos
        hablar sobre el horario.""",
    ),
}
# One word turns them: pairs that must never be one group. (text, word, word in its place)
TURNED = (
    (BIKE_FOR, "support", "oppose"),
    (BIKE_FOR, "vote yes", "vote no"),
    (BIKE_FOR, "do not let", "do let"),
    (BIKE_FOR, "do not", "don't ever not"),
    (BIKE_FOR, "ask you to support", "ask you not to support"),
    (BIKE_FOR, "would slow", "would never slow"),
    (LONG, "reject the permit", "approve the permit"),
    (LONG, "to reject", "not to reject"),
    (LONG, "The permit hearing", "Without doubt the permit hearing"),
    (SHORT, "nobody who", "everybody who"),
    (SHORT, "Stop the tower", "Build the tower"),
    (LIBRARY_ES, "que apoye la", "que rechace la"),
    (LIBRARY_ES, "que apoye la", "que no apoye la"),
    (LIBRARY_ES, "No permita", "Permita"),
    (LIBRARY_ES, "que apoye la", "que esté en contra de la"),
    ("I am in favor of {x}".replace("{x}", "the budget as the committee has written it, with "
     "the money for parks, pools, summer jobs, street trees and the night buses in it."),
     "in favor of", "opposed to"),
    ("We ask the board to raise the fee for parking at the beach in the summer, for cars from "
     "other towns, and to use what it brings for the lifeguards.", "raise", "lower"),
    ("Please vote for the measure on the ballot in November, as the schools need new roofs and "
     "the children have been cold for three winters in a row.", "for", "against"),
)  # fmt: skip


def personal(campaign, number, own=""):
    """Return a letter of a campaign as one of its people would send it, and their name."""
    name = NAMES[number % len(NAMES)]
    text = CAMPAIGNS[campaign].format(
        official=("Mayor Lee", "Mayor", "Council Member Ruiz")[number % 3],
        name=name,
        number=10 + number % 90,
        street=STREETS[number % len(STREETS)],
        own=own,
    )
    return text, name


def as_html(text):
    """Return plain text as a mail's markup."""
    return "".join(
        f"<p>{block.strip().replace(chr(10), '<br/>')}</p>"
        for block in text.split("\n\n")
        if block.strip()
    )


class OpinionSetup:
    """Takes in letters of campaigns by the doors of the office; before Odoo's test case."""

    def _report(self, campaign, number, own="", **values):
        text, name = personal(campaign, number, own)
        return {
            "channel": "mail",
            "kind": "comment",
            "name": f"About the {campaign.partition(',')[0]}",
            "description": as_html(text),
            # Twelve names in the table: whoever comes round again is another person.
            "partner_name": name if number < len(NAMES) else f"{name} {'I' * (number // 12)}",
            "partner_email": f"writer.{number}@example.org",
            "received_at": Datetime.now(),
            "department_id": self.streets.id,
            **values,
        }

    def _letters(self, campaign, numbers, **values):
        """Take in letters one after the other, as mail comes."""
        cases = self.Case
        for number in numbers:
            cases += self.Case.intake([self._report(campaign, number, **values)])
        return cases

    def _group(self, count=5, campaign="bike lanes, for", **values):
        """Return a group of so many letters, and its cases."""
        cases = self._letters(campaign, range(count), **values)
        group = cases.opinion_group_id
        self.assertEqual(len(group), 1)
        return group, cases

    def _issue(self, name="Bike lanes on Main Street", **values):
        return self.env["constituent.issue"].create({"name": name, **values})
