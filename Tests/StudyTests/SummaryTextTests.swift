import Foundation
import Testing
import TestSupport

@testable import Study

@Suite struct SummaryTextTests {
    @Test func `a summary is shown in aligned columns with short numbers and dashes for missing ones`() throws {
        let path = try SharedData.temporaryFolder() + "/summary.csv"
        let text = """
            experiment,config_hash,data_hash,seed,endpoint,policy,condition,value,ci_low,ci_high,unit,n,n_unit,control,control_value,verdict
            mine,0123abcd,4567cdef,0,dcr_share,alt,heldout,1.0,0.912345678,1.0,share,12,demonstration,heldout,0.5,memorized
            mine,0123abcd,4567cdef,0,d1,diffusion_ddpm,cat,0.123456789,NA,NA,share,3,picture,NA,NA,NA

            """
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        let lines = try SummaryHeadline(path, Catalogue(Settings())).allRows.split(separator: "\n")
        #expect(lines.count == 3)
        #expect(lines[0].hasPrefix("endpoint   policy          condition  value"))
        #expect(lines[1].contains("0.9123 .. 1"))
        #expect(lines[2].contains("0.1235  -"))
        #expect(lines[1].hasSuffix("memorized"))
    }
}
