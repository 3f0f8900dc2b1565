import Basics
import Foundation
import Plots
import Probes
import Testing
import TestSupport

@testable import Study

@Suite struct FigureTests {
    /// A run's folder with the given files.
    private func tables(_ files: [String: String]) throws -> RunTables {
        let folder = try SharedData.temporaryFolder()
        try FileSystem.makeFolder(folder + "/probes")
        for (name, text) in files { try text.write(toFile: "\(folder)/\(name)", atomically: true, encoding: .utf8) }
        return RunTables(path: folder)
    }

    private static let summary = """
        endpoint,policy,condition,value,ci_low,ci_high,control,control_value
        p02_s_median,diffusion_ddpm,train,0.8,0.7,0.9,heldout,0.1
        p02_s_median,diffusion_ddpm,cat,0.6,0.5,0.7,heldout,0.1
        p02_s_median,diffusion_ddim_at_5,cat,0.2,0.1,0.3,heldout,0.1
        p02_s_median,alt,train,1.0,1.0,1.0,heldout,0.1
        p02_s_median,generalizer,heldout,0.12,0.05,0.2,heldout,0.1
        p02_d1_median,diffusion_ddpm,train,0.3,0.2,0.4,heldout,0.5
        p02_d1_median,diffusion_ddpm,cat,0.7,0.6,0.8,heldout,0.5
        p27_error_over_d12,alt,heldout,1.5,1.2,1.8,mean,2.5

        """
    private static let controls = """
        control,policy,distance_median,ci_low,ci_high
        heldout,NA,0.5,0.4,0.6

        """

    @Test func `the published figure has bars of S, a line of d1 on the second axis, and both floors with their bands`()
        throws
    {
        let run = try tables(["summary.csv": Self.summary, "probes/p02_controls.csv": Self.controls])
        let plot = try #require(try PaperFigure().plots(run).first)
        #expect(plot.kind == .intervals(categories: ["train", "cat"]))
        #expect(
            plot.series.map(\.name) == [
                "S, held-out truth", "d1, held-out truth", "S, diffusion_ddpm", "S, alt", "d1, diffusion_ddpm",
            ])
        #expect(plot.series.map(\.isOnSecondAxis) == [false, true, false, false, true])
        #expect(
            plot.series[0].points == [.init(x: 0, y: 0.1, low: 0.05, high: 0.2), .init(x: 1, y: 0.1, low: 0.05, high: 0.2)])
        #expect(plot.series[1].points[1] == .init(x: 1, y: 0.5, low: 0.4, high: 0.6))
        #expect(
            plot.series[2].points == [.init(x: 0, y: 0.8, low: 0.7, high: 0.9), .init(x: 1, y: 0.6, low: 0.5, high: 0.7)])
        #expect(plot.script.contains("set y2label 'd1"))
        #expect(plot.script.contains(":5 axes x1y2 with linespoints"))
        #expect(plot.script.contains(":5 axes x1y1 with boxes"))
        #expect(plot.script.contains("axes x1y2 with boxxyerror"))
    }

    @Test func `the checkpoints of a training stay out of the endpoint figures`() throws {
        let plots = try EndpointFigures().plots(try tables(["summary.csv": Self.summary]))
        #expect(plots.map(\.name) == ["p02_d1_median", "p02_s_median"])
        #expect(plots[1].series.map(\.name) == ["diffusion_ddpm", "alt", "generalizer", "held-out truth"])
        #expect(plots[1].series.map(\.isControl) == [false, false, true, true])
        #expect(!plots[1].script.contains("y2"))
    }

    @Test func `training lengths are in order, and the bound of the fit lies inside the axis`() throws {
        let run = try tables([
            "probes/p12_training.csv": """
            policy,condition,family,seed,steps,fit,fit_low,fit_high,dcr_share,ci_low,ci_high,heldout_dcr_share
            a,heldout,diffusion_ddim,0,400,9,8,10,0.9,0.8,1,0.5
            b,heldout,diffusion_ddim,0,100,18,16,20,0.6,0.5,0.7,0.5

            """
        ])
        let plots = try TrainingLengthFigures(fit: 0.5).plots(run)
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
        let run = try tables([
            "probes/p21_detection.csv": """
            monitor,condition,auroc,auroc_low,auroc_high,false_alarm,false_alarm_low,false_alarm_high,flagged,flagged_low,flagged_high
            rnd,cat,0.9,0.8,1,0.1,0,0.2,0.7,0.6,0.8
            rnd,noise,0.5,0.3,0.7,0.1,0,0.2,0.3,0.2,0.4

            """
        ])
        let plots = try MonitorFigures().plots(run)
        #expect(plots[0].series[0].points.last == .init(x: 1, y: 0.5, low: 0.3, high: 0.7))
        #expect(plots[0].script.contains("$6 <= 0.5 && $7 >= 0.5"))
        #expect(plots[1].kind == .matrix(categories: ["heldout", "cat", "noise"], null: nil))
        #expect(plots[1].series[0].points.map(\.y) == [0.1, 0.7, 0.3])
        #expect(plots[1].series[0].points.map(\.x) == [0, 1, 2])
    }

    @Test func `an infinite bandwidth has no point, and a run without tables no figures`() throws {
        let run = try tables([
            "probes/p05_fit.csv": """
            policy,condition,timestep,alpha_bar,h,h_over_nn,r_squared,ci_low,ci_high,r_squared_unconditional,r_squared_truth,r_squared_reference
            diffusion_ddpm,heldout,2,0.9,inf,inf,0.8,0.7,0.9,0.6,0.9,0.5
            diffusion_ddpm,heldout,90,0.02,1,0.4,-7,-8,-6,0.6,0.9,0.5

            """
        ])
        let plots = try ExactDenoiserFigures().plots(run)
        #expect(plots[0].series.count == 4)
        #expect(plots[0].series[0].points.count == 2)
        #expect(plots[0].yLabel.contains("cut at -0.5") && plots[0].yRange == -0.5...1.02)
        #expect(plots[1].series.map(\.points) == [[.init(x: 90, y: 0.4)]])
        #expect(try StudyPlots(tables: try tables([:]), rules: DecisionRules()).all().isEmpty)
    }

    @Test func `the open-loop error lies over that of the training mean`() throws {
        let plot = try #require(try OpenLoopFigures().plots(try tables(["summary.csv": Self.summary])).first)
        #expect(plot.series.map(\.form) == [.level, .points])
        #expect(plot.series[0].points == [.init(x: 0, y: 2.5)])
        #expect(plot.series[1].points == [.init(x: 0, y: 1.5, low: 1.2, high: 1.8)])
    }
}
