import Plots
import Testing

@testable import Probes

/// Tables as texts, as a run holds them.
struct TextTables: FigureSource {
    let policies: [PolicyID] = [
        "diffusion_ddpm", "diffusion_ddim", "alt", "kernel", "memorizer", "interpolator", "generalizer",
        PolicyID("diffusion_ddim_at_5", .checkpoint),
    ]
    var rules = DecisionRules()
    var tables: [String: String] = [:]

    func texts(_ table: String) throws -> (columns: [String], rows: [[String]])? {
        guard let lines = tables[table]?.split(separator: "\n").map({ $0.split(separator: ",").map(String.init) }) else { return nil }
        return (lines[0], Array(lines.dropFirst()))
    }

    /// Rows of `summary.csv`: endpoint, policy, condition, value, both ends of the interval, control and its value.
    static func summary(_ rows: [String]) -> String {
        let header = "endpoint,policy,condition,value,ci_low,ci_high,control,control_value,unit,n,n_unit,verdict"
        return ([header] + rows.map { $0 + ",share,10,demonstration,measured" }).joined(separator: "\n")
    }
}

@Suite struct FiguresTests {
    private let summary = TextTables.summary([
        "p02_s_median,diffusion_ddpm,train,0.8,0.7,0.9,heldout,0.1", "p02_s_median,diffusion_ddpm,cat,0.6,0.5,0.7,heldout,0.1",
        "p02_s_median,diffusion_ddim_at_5,cat,0.2,0.1,0.3,heldout,0.1", "p02_s_median,alt,train,1.0,1.0,1.0,heldout,0.1",
        "p02_s_median,expert,train,-1.7,-1.8,-1.6,heldout,0.1",
        "p02_s_median,generalizer,heldout,0.12,0.05,0.2,heldout,0.1",
        "p02_d1_median,diffusion_ddpm,train,0.3,0.2,0.4,heldout,0.5", "p02_d1_median,diffusion_ddpm,cat,0.7,0.6,0.8,heldout,0.5",
        "p27_error_over_d12,alt,heldout,1.5,1.2,1.8,mean,2.5",
    ])

    @Test func `a policy has its label and its mark in every figure, held-out truth its own, and what lies outside the axis an arrow`() throws {
        let controls = """
            control,policy,distance_median,ci_low,ci_high,ratio_median,s_median,n,n_unit
            heldout,NA,0.5,0.4,0.6,0.9,0.1,10,demonstration
            """
        let far = TextTables.summary(["p02_s_median,diffusion_ddpm,train,-7,-8,0.9,heldout,0.1", "p02_s_median,alt,cat,0.6,0.5,0.7,heldout,0.1"])
        let plots = try PaperAudit().figures(TextTables(tables: ["summary": summary, "p02_controls": controls])).compactMap { $0 as? Plot }
        let distance = try #require(plots.first { $0.name == "p02_d1_median" }), score = try #require(plots.first { $0.name == "p02_s_median" })
        for plot in [distance, score] {
            let subject = try #require(plot.series.first { $0.name == "diffusion_ddpm" })
            #expect(subject.label == "diffusion ddpm" && subject.mark == PolicyRole.subject.mark && !subject.isControl)
            #expect(plot.series.last?.mark == .truth && plot.categories.map(\.label).contains("cats, drawn"))
        }
        #expect(distance.series.last?.points[1] == .init(x: 1, y: 0.5, low: 0.4, high: 0.6))
        #expect(!score.script.contains("pt 11 ps 0.8"))
        // The axis ends below what is drawn; a policy that is not drawn does not lower it.
        #expect(score.yRange?.lowerBound == 0)
        let cut = try #require(try PaperAudit().figures(TextTables(tables: ["summary": far])).compactMap { $0 as? Plot }.first)
        #expect(cut.script.contains("($5 < -2.0 ? -1.938 : NaN) with points pt 11 ps 0.8"))
    }

    @Test func `no two roles that a figure draws beside each other look alike`() {
        let roles = PolicyRole.drawn + [.pixels, .expert, .exact, .mean, .standIn, .standInTable, .standInLearned, .sampler]
        for (place, role) in roles.enumerated() {
            for other in roles[..<place] {
                #expect(role.mark.point != other.mark.point || role.mark.colour != other.mark.colour, "\(role), \(other)")
                // Greys are told apart by their shapes.
                if role.isControl, other.isControl { #expect(role.mark.point != other.mark.point, "\(role), \(other)") }
            }
        }
    }

    @Test func `the checkpoints of a training stay out of the endpoint figures`() throws {
        let run = TextTables(tables: ["summary": summary])
        let plots = try PaperAudit().figures(run).compactMap { $0 as? Plot }
        #expect(plots.map(\.name) == ["p02_d1_median", "p02_s_median"])
        #expect(plots[1].series.map(\.name) == ["diffusion_ddpm", "alt", "generalizer", "held-out truth"])
        #expect(plots[1].series.map(\.isControl) == [false, false, true, true])
    }

    @Test func `training lengths are in order, and the bound of the fit lies inside the axis`() throws {
        let header =
            [
                "policy,condition,family,training_seed,demonstrations,windows,steps,epochs,loss",
                "training_loss,training_loss_low,training_loss_high,validation_loss,validation_loss_low,validation_loss_high",
            ] + [MemoryColumns.columnNames.joined(separator: ",")]
        func row(_ steps: Int, _ fit: String, _ share: String) -> String {
            let memory = Dictionary(
                uniqueKeysWithValues: zip(
                    ["fit", "fit_low", "fit_high", "dcr_share", "ci_low", "ci_high"],
                    "\(fit),\(share)".split(separator: ",").map(String.init)))
            let others = ["fitted": "false", "heldout_dcr_share": "0.5", "verdict": "measured", "n": "10", "n_unit": "demonstration"]
            let cells = MemoryColumns.columnNames.map { memory[$0] ?? others[$0] ?? "NA" }
            return "a,heldout,diffusion_ddim,0,8,100,\(steps),1,NA,NA,NA,NA,NA,NA,NA," + cells.joined(separator: ",")
        }
        let table = [header.joined(separator: ","), row(400, "9,8,10", "0.9,0.8,1"), row(100, "18,16,20", "0.6,0.5,0.7")]
        var run = TextTables(tables: ["p12_training": table.joined(separator: "\n")])
        run.rules.fit = 0.5
        let plots = try TrainingTime().figures(run).compactMap { $0 as? Plot }
        #expect(plots[0].series[0].isControl && plots[0].series[0].points.map(\.y) == [0.5, 0.5])
        #expect(
            plots[0].series[1].points == [
                .init(x: 100, y: 0.6, low: 0.5, high: 0.7), .init(x: 400, y: 0.9, low: 0.8, high: 1),
            ])
        #expect(plots[0].script.contains("set xtics (100, 400)"))
        let range = try #require(plots[1].yRange)
        #expect(range.contains(0.5) && range.contains(20) && range.lowerBound > 0)
    }

    @Test func `a monitor's flags stand beside its false alarms, and AUROC cells know their interval`() throws {
        let table = """
            monitor,condition,auroc,auroc_low,auroc_high,aupr,aupr_low,aupr_high,prevalence,fpr95,fpr95_low,fpr95_high,\
            alpha,threshold,false_alarm,false_alarm_low,false_alarm_high,flagged,flagged_low,flagged_high,seconds,n,n_unit
            rnd,cat,0.9,0.8,1,NA,NA,NA,0.5,NA,NA,NA,0.1,1,0.1,0,0.2,0.7,0.6,0.8,NA,10,picture
            rnd,noise,0.5,0.3,0.7,NA,NA,NA,0.5,NA,NA,NA,0.1,1,0.1,0,0.2,0.3,0.2,0.4,NA,10,picture
            """
        let plots = try MonitorBench().figures(TextTables(tables: ["p21_detection": table])).compactMap { $0 as? Plot }
        #expect(plots[0].series[0].points.last == .init(x: 1, y: 0.5, low: 0.3, high: 0.7))
        #expect(plots[0].script.contains("$6 <= 0.5 && $7 >= 0.5"))
        #expect(plots[0].series[0].label == "random network distillation")
        #expect(plots[1].categories.map(\.name) == ["heldout", "cat", "noise"])
        #expect(plots[1].series[0].points.map(\.y) == [0.1, 0.7, 0.3])
        #expect(plots[1].series[0].points.map(\.x) == [0, 1, 2])
    }

    @Test func `an infinite bandwidth has no point, and a run without tables no figures`() throws {
        let table = """
            policy,condition,timestep,alpha_bar,h,h_over_nn,r_squared,ci_low,ci_high,r_squared_unconditional,\
            r_squared_truth,r_squared_reference,effective_sequences,rows
            diffusion_ddpm,heldout,2,0.9,inf,inf,0.8,0.7,0.9,0.6,0.9,0.5,3,10
            diffusion_ddpm,heldout,90,0.02,1,0.4,-7,-8,-6,0.6,0.9,0.5,3,10
            """
        let plots = try ExactDenoiserComparison().figures(TextTables(tables: ["p05_fit": table])).compactMap { $0 as? Plot }
        #expect(plots[0].series.count == 4)
        #expect(plots[0].series[0].points.count == 2)
        #expect(plots[0].yLabel.contains("cut at -0.5") && plots[0].yRange == -0.5...1.02)
        #expect(plots[1].series.map(\.points) == [[.init(x: 90, y: 0.4)]])
    }

    @Test(arguments: AllProbes.all.map(\.name))
    func `a run without tables has no figures`(probe: String) throws {
        let figures = try AllProbes.all.first { $0.name == probe }?.figures(TextTables()) ?? []
        #expect(figures.isEmpty)
    }

    @Test func `the open-loop error lies over that of the training mean`() throws {
        let plot = try #require(try OpenLoopError().figures(TextTables(tables: ["summary": summary])).first as? Plot)
        #expect(plot.series.map(\.form) == [.level, .points])
        #expect(plot.series[0].points == [.init(x: 0, y: 2.5)])
        #expect(plot.series[1].points == [.init(x: 0, y: 1.5, low: 1.2, high: 1.8)])
    }
}
