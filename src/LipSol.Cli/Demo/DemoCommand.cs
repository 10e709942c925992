using System.CommandLine;
using LipSol.Cli.CommandLine;

namespace LipSol.Cli.Demo;

/// <summary><c>demo</c>: the whole path, from drawn speakers to a promoted model that reads clips it has never seen.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var outFolder = new Option<string>("--out") { Description = "Where the executed notebook, its page and summary.json go.", HelpName = "DIR", DefaultValueFactory = _ => "demo-out" };
        var small = new Option<bool>("--small") { Description = "Every step in about a minute, on three words and two epochs: to see that it works, not how well." };
        return new CliCommand("demo", "The main job, end to end: draw an Urdu corpus, track and crop it, start a node, run the first notebook (two runs, the gate, readings), write summary.json. A second time it reuses what is unchanged.",
                "lipsol demo", "lipsol demo --out /tmp/demo --json", "lipsol demo --small")
            .With(outFolder, small)
            .Does(call => new DemoRun(call, Path.GetFullPath(call.Value(outFolder)!), call.Value(small) ? DemoSettings.Small : DemoSettings.Whole).RunAsync());
    }
}
