using System.CommandLine;
using System.Globalization;
using LipSol.Cli.CommandLine;
using LipSol.Cli.Workers;
using LipSol.WorkerProtocol;

namespace LipSol.Cli.Corpora;

/// <summary><c>corpus synth</c>: draw speakers who say Urdu words, and prepare what they say like any recording.</summary>
internal static class CorpusSynth
{
    public static Command Create()
    {
        var name = new Option<string>("--name") { Description = "The corpus' name.", DefaultValueFactory = _ => "urdu-synthetic" };
        var seed = new Option<int>("--seed") { Description = "Seed of speakers and takes: the same seed gives the same corpus, byte by byte.", DefaultValueFactory = _ => 1 };
        var words = new Option<string?>("--words") { Description = "How many of the 27 words, a list separated by commas, or all [default: 12]." };
        var sentences = new Option<bool>("--sentences") { Description = "Sentences of six words, one of each slot, instead of single words." };
        var set = KeyValues.Option("--set", "Further options: speakers, unseen, takes, val-takes, test-takes, unseen-takes, test-seed.");
        return new CliCommand("synth", "Draw speakers who say Urdu words or sentences into video files, then track and crop them like any recording.",
                "lipsol corpus synth --name urdu-27 --words all --set speakers=8 --set takes=10", "lipsol corpus synth --sentences --name urdu-sentences")
            .With(name, seed, words, sentences, set)
            .Does(async call =>
            {
                var options = KeyValues.Parse("--set", call.Value(set));
                options.TryAdd("seed", call.Value(seed).ToString(CultureInfo.InvariantCulture));
                if (call.Value(words) is { } some) options.TryAdd("words", some);
                if (call.Value(sentences)) options.TryAdd("sentences", "true");
                var job = new CorpusJob { DataFolder = call.SharedFolder, Name = CorpusCommand.CheckName(call.Value(name)!), Source = "synthetic", Options = options };
                CorpusReport.Print(call, (CorpusResult)await JobSession.RunAsync(call, job, "drawing"));
                return ExitStatus.Done;
            });
    }
}
