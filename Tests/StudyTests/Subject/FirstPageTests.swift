import Basics
import Foundation
import Probes
import Testing
import TestSupport

@testable import Study

/// Three questions, answered from the rows of a summary.
@Suite struct FirstPageTests {
    private let head = "experiment,config_hash,data_hash,seed,endpoint,policy,condition,value,ci_low,ci_high,unit,n,n_unit,control,control_value,verdict\n"

    private func page(_ rows: [String], reasons: [String: String] = [:]) throws -> [String: FirstPage.Answer] {
        let path = try SharedData.temporaryFolder() + "/summary.csv"
        try Data((head + rows.map { "mine,0,0,0,\($0)\n" }.joined()).utf8).write(to: URL(fileURLWithPath: path))
        let page = FirstPage(try SummaryRecord.read(path), Catalogue.audited, DecisionRules(), reasons: reasons)
        return Dictionary(uniqueKeysWithValues: page.answers.map { ($0.question, $0) })
    }

    @Test func `what was measured answers`() throws {
        let answers = try page([
            "p01_error_over_d12,audited,train,0.2,0.1,0.3,median D12,96,demonstration,threshold,0.5,fitted",
            "p03_dcr_share,audited,heldout,0.8,0.7,0.9,share,96,demonstration,heldout,0.52,memorized",
            "p03_dcr_share,alt,heldout,1.0,1.0,1.0,share,96,demonstration,heldout,0.52,memorized",
            "p09_image_share,audited,other_image,0.9,0.8,1.0,share,24,demonstration,chance,0.1,image is the key",
            "p09_pose_share,audited,other_image,0.05,0.0,0.1,share,24,demonstration,chance,0.1,measured",
        ])
        #expect(answers["does it fit?"]?.answer == "yes" && answers["does it recall?"]?.answer == "memorized")
        #expect(answers["which input is the key?"]?.answer == "image is the key")
        #expect(answers["does it recall?"]?.numbers.contains("0.8 [0.7, 0.9]") == true)
    }

    @Test func `a policy that has not fitted is not said to recall, and what was not asked says why`() throws {
        let answers = try page(
            ["p01_error_over_d12,audited,train,0.9,0.8,1.0,median D12,96,demonstration,threshold,0.5,not fitted",
             "p03_dcr_share,audited,heldout,0.8,0.7,0.9,share,96,demonstration,heldout,0.52,not fitted"],
            reasons: ["p09": "without images and low-dim values there is nothing to mix"])
        #expect(answers["does it fit?"]?.answer == "no" && answers["does it recall?"]?.answer == "not fitted")
        #expect(answers["which input is the key?"] == FirstPage.Answer(
            question: "which input is the key?", answer: "unknown", numbers: "not asked: without images and low-dim values there is nothing to mix"))
    }
}
