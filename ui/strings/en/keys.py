# SPDX-License-Identifier: Apache-2.0
"""Keys and their ends: what runs out, members' devices, what is revoked, review keys, invitations that wait."""

from __future__ import annotations

from typing import Final

TABLE: Final[dict[str, str]] = {
    "day": "{day} {month} {year}",
    "day.time": "{day} {month} {year}, {time}",
    "due.directory.soon": "Your organisation’s directory ends {when}.",
    "due.directory.over": "Your organisation’s directory has ended.",
    "due.directory.then": "Without it the platform gives no new grants; those that a computer holds can still be used.",
    "due.review_key.soon": "The review key of {project} ends {when}.",
    "due.review_key.over": "The review key of {project} has ended.",
    "due.review_key.none": "{project} has no review key.",
    "due.review_key.then": "Without one, sealed sessions wait on the trainer’s computer; nothing is lost.",
    "due.days.one": "within {number} day, on {day}",
    "due.days.more": "in {number} days, on {day}",
    "due.ask": "Ask your organisation’s admin to renew it: opening the office is enough.",
    "due.office": "The organisation’s admin renews it by opening the office: fairwitness admin",
    "due.renew": "Renew",
    "due.renewing": "Renewing …",
    "due.renewed": "Renewed: signed and published.",
    "due.kept": "Nothing was to be renewed.",
    "keys.of": "Keys and devices of {name}",
    "keys.own": "Six words of the key",
    "keys.holds": "Valid since {since}, until revoked",
    "keys.revoked": "Revoked as of {since}",
    "keys.person.holds": "Key valid until revoked.",
    "keys.person.revoked": "Every key is revoked as of {since}. To go on, {name} enrols anew.",
    "keys.devices.none": "No device is known.",
    "keys.devices.why": "As the platform lists them. A device that it hides is stopped by revoking every key.",
    "keys.seen": "Last countersigned: {when}",
    "keys.seen.never": "Nothing of it was countersigned yet.",
    "keys.words": "Six words of this device: {words}",
    "keys.revoke": "Revoke …",
    "keys.revoke.name": "Revoke {device} of {name} …",
    "keys.earlier": "As of an earlier time …",
    "keys.earlier.name": "Revoke {device} of {name} as of an earlier time …",
    "keys.earlier.all": "Every key as of an earlier time …",
    "keys.revoke.all": "Revoke every key …",
    "keys.remove": "Remove {name} …",
    "state.none": "none",
    "state.revoked": "revoked",
    "state.devices.one": "{number} device",
    "state.devices.more": "{number} devices",
    "state.some": "{devices}, {revoked} revoked",
    "column.state": "Keys",
    "revoke.title": "Revoke a device of {name}",
    "revoke.title.all": "Revoke every key of {name}",
    "revoke.lost": "Lost, broken or replaced: “{device}” alone",
    "revoke.stolen": "Stolen, or used by somebody else: every key of {name}",
    "revoke.stolen.why": (
        "Each device of {name} holds {name}’s own keys. Whoever could open this one could make further devices in {name}’s "
        "name: then every key has to go, on all devices."
    ),
    "revoke.now": "As of now",
    "revoke.since": "As of",
    "revoke.since.why": (
        "The last moment at which it was certainly in {name}’s hands. Sessions are judged by when they were countersigned."
    ),
    "revoke.signs": "This is what you sign, as a new version of the directory:",
    "revoke.signs.device": "“{device}” of {name} ({words}) is revoked as of {since}.",
    "revoke.signs.device.now": "“{device}” of {name} ({words}) is revoked as of now.",
    "revoke.signs.person": "The key of {name} ({words}) is revoked as of {since}, and with it every device.",
    "revoke.signs.person.now": "The key of {name} ({words}) is revoked as of now, and with it every device.",
    "revoke.signs.epoch": "{projects}: a new review key, which the revoked key does not open.",
    "revoke.means": "What it does:",
    "revoke.stands": "Sessions whose last countersignature is before {since} stand, and are decided on and paid as ever.",
    "revoke.stands.now": "All that was countersigned until now stands, and is decided on and paid as ever.",
    "revoke.fails": (
        "Sessions that were countersigned at or after {since}, even once, do not verify any more, as a whole. Their hours "
        "have to be settled with {name} by another way."
    ),
    "revoke.fails.now": "A session that runs now is countersigned no more; what was countersigned of it so far stands.",
    "revoke.offline": "A session that was never countersigned is judged by when the platform received it.",
    "revoke.unsent": (
        "What this device has not sent yet stays on it, and can be sent once it is enrolled again with a new link."
    ),
    "revoke.anew": "{name} enrols anew with a new link, and you compare six words again.",
    "revoke.touched": "The platform countersigned something of it on {seen}: that session does not verify any more.",
    "revoke.for-good": "A revocation cannot be taken back. An earlier time can be added later.",
    "sign.do": "Sign and publish",
    "sign.doing": "Signing and publishing …",
    "leaving.title": "Remove {name}",
    "leaving.signs": "A directory without {name}: no role, no project, no token.",
    "leaving.signs.epoch": "{projects}: a new review key, which {name} does not open.",
    "leaving.unsent": (
        "Sessions that {name} has not sent cannot be sent any more. Ask {name} first to send everything that waits."
    ),
    "leaving.stays": "Sessions that were sent stay readable for the reviewers of {projects}: {reviewers}.",
    "leaving.stays.nobody": "Sessions that were sent stay on the platform. Nobody reviews {projects} now.",
    "leaving.own": "{name} keeps what is on their own computers, and can verify and read it as before.",
    "leaving.reviewer": "What {name} fetched as a reviewer stays readable to {name}; the platform gives nothing more.",
    "leaving.again": "To come back, {name} needs a new link, and you compare six words again.",
    "directory.moved": "The directory has changed meanwhile. Please look again before you sign.",
    "epochs.tab": "Keys",
    "epochs.why": (
        "Sessions are sealed for the review key of their project. Each key is used for 90 days at most, and a new one "
        "begins by itself whenever the reviewers change."
    ),
    "epochs.none": "There is no project yet.",
    "epochs.holds": "Key {epoch}: in force since {since}, ends {until}",
    "epochs.over": "No key is in force: what is sealed waits on the trainers’ computers",
    "epochs.opens": "Opened by: {who}",
    "epochs.opens.nobody": "Nobody can open what is sealed now: this project has no reviewer.",
    "epochs.before": "Earlier keys",
    "epochs.before.none": "There is none before it.",
    "epochs.earlier": "Key {epoch}: {since} to {until}. Opened by: {who}",
    "epochs.empty": "Key {epoch}: {since} to {until}. Made without a reviewer, or ended: it is handed to nobody any more",
    "epochs.coming": "Key {epoch}: begins {since}",
    "epochs.begin": "Begin a new key …",
    "epochs.begin.name": "Begin a new review key of {project} …",
    "epochs.begin.sure": (
        "You sign a new review key of {project}, opened by: {who}. What is sealed from now on is sealed for it; what was "
        "sealed before stays readable as it is."
    ),
    "epochs.nobody": "nobody",
    "epochs.grant": "Hand earlier keys to {name} …",
    "epochs.grant.name": "Hand earlier review keys of {project} to {name} …",
    "epochs.grant.sure": (
        "You sign that {name} opens the earlier keys of {project} that you can open: {epochs}. {name} can then read what "
        "was sealed for them, and that cannot be undone."
    ),
    "platform.title": "The platform’s keys",
    "platform.when": (
        "Renew them once a year, or when somebody else may have had the platform’s folder or a backup of it. They do not "
        "end by themselves."
    ),
    "platform.renew": "Renew the platform’s keys …",
    "platform.window": "Renew the platform’s keys",
    "platform.looking": "Asking the platform which keys wait …",
    "platform.none": "No new keys wait on the platform",
    "platform.unknown": "What waits on the platform could not be learned",
    "platform.how": (
        "New keys are made on the platform’s own computer, under its account, while it serves. FOLDER is its folder:"
    ),
    "platform.command": "Command for the platform’s computer",
    "platform.how.then": "It shows six words. Have them at hand, then look again. Until you sign, nothing changes.",
    "platform.again": "Look again",
    "platform.compare": "The six words of the platform’s new keys",
    "platform.compare.ask": (
        "The command on the platform’s own computer showed six words. Are they these? If you did not run it yourself, ask "
        "whoever did, by voice."
    ),
    "platform.names": "New keys for: {names}.",
    "platform.key.grant": "grants",
    "platform.key.receipt": "receipts",
    "platform.key.witness": "countersignatures",
    "platform.key.log": "the organisation’s log",
    "platform.differ": "The words differ, and nothing was signed",
    "platform.why": "Why are they renewed?",
    "platform.planned": "It is time: nobody else had the old ones",
    "platform.planned.means": (
        "Sessions that were granted before go on under the old keys; these end by themselves, and nobody loses anything."
    ),
    "platform.stolen": "Somebody else may have the old ones",
    "platform.stolen.means": (
        "The old keys end now. What was countersigned before stands. A session that runs now is countersigned no more, and "
        "its record says so. One under the old grant key that was never countersigned does not verify any more."
    ),
    "platform.done": (
        "Signed and published: version {version} of the directory. The platform signs with the new keys from now on."
    ),
    "invited.title": "Links that nobody used yet",
    "invited.why": "Each can be copied again until it is used or ends. Whoever uses it waits for you to sign them in.",
    "invited.until": "Opens until {until}",
    "invited.elsewhere": "It was made on another computer, and can only be taken back here.",
    "invited.copy": "Copy the link again",
    "invited.copy.name": "Copy the link of {name} again",
    "invited.withdraw": "Take it back",
    "invited.withdraw.name": "Take the link of {name} back",
    "invited.withdrawn": "Taken back: the link opens nothing any more.",
}
"""Sentences by key."""
