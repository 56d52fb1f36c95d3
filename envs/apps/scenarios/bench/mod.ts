/**
 * All scenarios of the benchmark: 250 of 85 generators.
 *
 * Contract: a generator lies in one split, so that no program that solves a split is a program of another; `marlo` and `quillpost`
 * are needed by every scenario of `test_challenge` and by no other.
 *
 * @module
 */
import type { Scenario } from "../../scenario.ts";
import { addressGroups } from "./address_groups.ts";
import { alarmPlan } from "./alarm_plan.ts";
import { alarmShift } from "./alarm_shift.ts";
import { answerQuestions } from "./answer_questions.ts";
import { askFollowup } from "./ask_followup.ts";
import { askTriage } from "./ask_triage.ts";
import { bestVoucher } from "./best_voucher.ts";
import { binNewsletters } from "./bin_newsletters.ts";
import { birthdayLetters } from "./birthday_letters.ts";
import { birthdayPipeline } from "./birthday_pipeline.ts";
import { boardInvites } from "./board_invites.ts";
import { callLogQuestion } from "./call_log_question.ts";
import { cancelUnshipped } from "./cancel_unshipped.ts";
import { cardCharges } from "./card_charges.ts";
import { cheapestMatch } from "./cheapest_match.ts";
import { checklistTexts } from "./checklist_texts.ts";
import { cheerWindow } from "./cheer_window.ts";
import { circleFigures } from "./circle_figures.ts";
import { cleanDrafts } from "./clean_drafts.ts";
import { contactFix } from "./contact_fix.ts";
import { dinnerSplit } from "./dinner_split.ts";
import { factInThread } from "./fact_in_thread.ts";
import { fileSort } from "./file_sort.ts";
import { fitDimensions } from "./fit_dimensions.ts";
import { follow_hygiene } from "./follow_hygiene.ts";
import { forwardEnclosures } from "./forward_enclosures.ts";
import { giftCode } from "./gift_code.ts";
import { giftToContact } from "./gift_to_contact.ts";
import { invoiceAsks } from "./invoice_asks.ts";
import { ledgerMismatch } from "./ledger_mismatch.ts";
import { letterActions } from "./letter_actions.ts";
import { listTidy } from "./list_tidy.ts";
import { mix_extreme } from "./mix_extreme.ts";
import { mixLetter } from "./mix_letter.ts";
import { monthBirthdays } from "./month_birthdays.ts";
import { newAddress } from "./new_address.ts";
import { noteToCards } from "./note_to_cards.ts";
import { offboardPerson } from "./offboard_person.ts";
import { offline_set } from "./offline_set.ts";
import { oldestUnseen } from "./oldest_unseen.ts";
import { overdueCards } from "./overdue_cards.ts";
import { packFolders } from "./pack_folders.ts";
import { pantryBasket } from "./pantry_basket.ts";
import { parcelDates } from "./parcel_dates.ts";
import { password_reset } from "./password_reset.ts";
import { potBudget } from "./pot_budget.ts";
import { potUpkeep } from "./pot_upkeep.ts";
import { queue_until } from "./queue_until.ts";
import { rating_upkeep } from "./rating_upkeep.ts";
import { receiptToBill } from "./receipt_to_bill.ts";
import { receiptsToBills } from "./receipts_to_bills.ts";
import { refillChange } from "./refill_change.ts";
import { refundLog } from "./refund_log.ts";
import { removeDuplicates } from "./remove_duplicates.ts";
import { reorderLast } from "./reorder_last.ts";
import { repeatBills } from "./repeat_bills.ts";
import { replaceCard } from "./replace_card.ts";
import { replyUnanswered } from "./reply_unanswered.ts";
import { restoreVersion } from "./restore_version.ts";
import { returnWindow } from "./return_window.ts";
import { reviewDelivered } from "./review_delivered.ts";
import { revokeSharing } from "./revoke_sharing.ts";
import { saveEnclosures } from "./save_enclosures.ts";
import { settleUp } from "./settle_up.ts";
import { shelf_count } from "./shelf_count.ts";
import { shelf_mix } from "./shelf_mix.ts";
import { signatureContacts } from "./signature_contacts.ts";
import { spamPurge } from "./spam_purge.ts";
import { spendReport } from "./spend_report.ts";
import { splitPurchase } from "./split_purchase.ts";
import { standingChange } from "./standing_change.ts";
import { statementExport } from "./statement_export.ts";
import { suggestedPurchase } from "./suggested_purchase.ts";
import { tagLetters } from "./tag_letters.ts";
import { tagUndo } from "./tag_undo.ts";
import { textAnswer } from "./text_answer.ts";
import { textAssignees } from "./text_assignees.ts";
import { transferVisibility } from "./transfer_visibility.ts";
import { tripAway } from "./trip_away.ts";
import { tripBundle } from "./trip_bundle.ts";
import { walletTotal } from "./wallet_total.ts";
import { warrantyClaim } from "./warranty_claim.ts";
import { weeklyDigest } from "./weekly_digest.ts";
import { wishBest } from "./wish_best.ts";
import { workload } from "./workload.ts";

/** All scenarios, sorted by family. */
export const benchmarkScenarios: readonly Scenario[] = [
  ...addressGroups,
  ...alarmPlan,
  ...alarmShift,
  ...answerQuestions,
  ...askFollowup,
  ...askTriage,
  ...bestVoucher,
  ...binNewsletters,
  ...birthdayLetters,
  ...birthdayPipeline,
  ...boardInvites,
  ...callLogQuestion,
  ...cancelUnshipped,
  ...cardCharges,
  ...cheapestMatch,
  ...checklistTexts,
  ...cheerWindow,
  ...circleFigures,
  ...cleanDrafts,
  ...contactFix,
  ...dinnerSplit,
  ...factInThread,
  ...fileSort,
  ...fitDimensions,
  ...follow_hygiene,
  ...forwardEnclosures,
  ...giftCode,
  ...giftToContact,
  ...invoiceAsks,
  ...ledgerMismatch,
  ...letterActions,
  ...listTidy,
  ...mix_extreme,
  ...mixLetter,
  ...monthBirthdays,
  ...newAddress,
  ...noteToCards,
  ...offboardPerson,
  ...offline_set,
  ...oldestUnseen,
  ...overdueCards,
  ...packFolders,
  ...pantryBasket,
  ...parcelDates,
  ...password_reset,
  ...potBudget,
  ...potUpkeep,
  ...queue_until,
  ...rating_upkeep,
  ...receiptToBill,
  ...receiptsToBills,
  ...refillChange,
  ...refundLog,
  ...removeDuplicates,
  ...reorderLast,
  ...repeatBills,
  ...replaceCard,
  ...replyUnanswered,
  ...restoreVersion,
  ...returnWindow,
  ...reviewDelivered,
  ...revokeSharing,
  ...saveEnclosures,
  ...settleUp,
  ...shelf_count,
  ...shelf_mix,
  ...signatureContacts,
  ...spamPurge,
  ...spendReport,
  ...splitPurchase,
  ...standingChange,
  ...statementExport,
  ...suggestedPurchase,
  ...tagLetters,
  ...tagUndo,
  ...textAnswer,
  ...textAssignees,
  ...transferVisibility,
  ...tripAway,
  ...tripBundle,
  ...walletTotal,
  ...warrantyClaim,
  ...weeklyDigest,
  ...wishBest,
  ...workload,
].sort((a, b) => (a.family < b.family ? -1 : a.family > b.family ? 1 : 0));
