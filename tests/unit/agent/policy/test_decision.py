from agent.notice import Notice
from agent.policy.decision import Allow, Deny, NeedApproval, decision_word, strictest
from agent.turn import DecisionWord

NOTE, ASK, NO = Notice("note.x"), Notice("approval.x"), Notice("deny.x")


def test_the_strictest_word_wins_and_every_reason_is_kept() -> None:
    assert strictest((Allow((NOTE,)), NeedApproval((ASK,)), Deny((NO,)))) == Deny((NO, ASK, NOTE))
    assert strictest((NeedApproval((ASK,)), Allow())) == NeedApproval((ASK,))
    assert strictest((Allow(), Allow((NOTE,)))) == Allow((NOTE,))


def test_no_decision_at_all_is_a_denial() -> None:
    assert strictest(()) == Deny(())


def test_decisions_leave_the_process_as_fixed_words() -> None:
    assert decision_word(Allow()) is DecisionWord.AUTO_EXECUTE
    assert decision_word(NeedApproval((ASK,))) is DecisionWord.APPROVAL_REQUIRED
    assert decision_word(Deny((NO,))) is DecisionWord.BLOCKED
