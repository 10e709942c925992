using System.Text.Json;
using LipSol.Cli.Tests.Programs;

namespace LipSol.Cli.Tests.Documents;

/// <summary>With --json every command prints one JSON document to stdout, and everything else to stderr.</summary>
[Collection(Programs.DeletedRuns.Collection)]
public sealed class JsonTests(Workshop workshop)
{
    // The commands that the workshop was made with are seen in Documents_of_the_commands_that_make_things.
    private static readonly string[] Making = ["up", "corpus synth", "train", "models promote"];

    // One needs the other's file; one needs a corpus of two speakers; the demo is seen in DemoTests.
    private static readonly string[] Elsewhere = ["demo", "cross-validate", "models export", "models import"];

    private static readonly Dictionary<string, (Func<Workshop, string[]> Arguments, int Status, string[] Properties)> Cases = new()
    {
        ["corpus list"] = (_ => [], 0, []),
        ["corpus show"] = (_ => ["tiny"], 0, ["name", "kind", "dataHash", "splits", "speakers", "words"]),
        ["corpus check"] = (_ => ["tiny"], 0, ["name", "mouthClips", "trainable", "damaged", "problems", "notes"]),
        ["corpus align"] = (_ => ["tiny", "--model", "tiny-words"], 2, ["error"]), // it reads words
        ["corpus import"] = (w => ["folder", w.Scratch("nowhere"), "--name", "x"], 2, ["error"]),
        ["corpus history"] = (_ => ["tiny"], 0, ["name", "dataHash", "versions"]),
        ["corpus change"] = (_ => ["tiny"], 2, ["error"]), // what these two do is seen in WithdrawTests
        ["corpus withdraw"] = (_ => ["nobody", "--yes"], 2, ["error"]),
        ["data add"] = (w => [w.Scratch("nowhere")], 2, ["error"]), // what they do is seen in DataTests
        ["data status"] = (w => ["--repository", w.Scratch("nowhere")], 2, ["error"]),
        ["data push"] = (w => ["--repository", w.Scratch("nowhere")], 2, ["error"]),
        ["data pull"] = (w => ["--repository", w.Scratch("nowhere")], 2, ["error"]),
        ["data pushed"] = (w => ["--remote", Directory.CreateDirectory(w.Scratch("empty-remote")).FullName], 0, ["remote", "pushed", "forgotten"]),
        ["data diff"] = (w => ["--repository", w.Scratch("nowhere")], 2, ["error"]),
        ["data gc"] = (w => ["--repository", w.Scratch("nowhere")], 2, ["error"]),
        ["crop"] = (w => [w.Clip, "--out", w.Scratch("json-crop")], 0, ["clips"]),
        ["runs list"] = (_ => [], 0, []),
        ["runs show"] = (w => [w.Run], 0, ["id", "status", "figures"]),
        ["runs compare"] = (w => [w.Run, w.OtherRun], 0, []),
        ["runs stop"] = (w => [w.Run], 0, ["id", "status"]),
        ["runs resume"] = (w => [w.Run], 2, ["error"]),
        ["runs export"] = (w => ["--out", w.Scratch("runs.parquet")], 0, ["file", "format", "rows", "bytes"]),
        ["runs delete"] = (_ => ["--where", "experiment = 'of nobody'"], 0, ["done", "runs", "refused"]),
        ["runs restore"] = (_ => ["--where", "experiment = 'of nobody'"], 0, ["done", "runs", "refused"]),
        ["runs purge"] = (_ => ["--yes"], 0, ["done", "runs", "refused"]),
        ["sweep list"] = (_ => [], 0, []),
        ["sweep show"] = (_ => ["of-nobody"], 2, ["error"]),
        ["sweep pause"] = (_ => ["of-nobody"], 2, ["error"]),
        ["sweep resume"] = (_ => ["of-nobody"], 2, ["error"]),
        ["sweep add"] = (_ => ["of-nobody", "3"], 2, ["error"]),
        ["sweep stop"] = (_ => ["of-nobody"], 2, ["error"]),
        ["nodes list"] = (_ => [], 0, []),
        ["nodes show"] = (w => [w.Node.Name], 0, ["name", "up", "upSince", "slots"]),
        ["nodes drain"] = (_ => ["of-nobody"], 2, ["error"]),
        ["nodes undrain"] = (w => [w.Node.Name], 0, ["name", "up", "draining"]),
        ["tokens create"] = (_ => ["json", "--role", "read", "--expires", "1h"], 0, ["name", "role", "token", "createdAt", "createdBy", "expiresAt"]),
        ["tokens list"] = (_ => [], 0, []),
        ["tokens revoke"] = (_ => ["of-nobody", "--yes"], 2, ["error"]),
        ["pipeline list"] = (_ => [], 0, []),
        ["pipeline show"] = (_ => ["of-nobody"], 2, ["error"]),
        ["pipeline history"] = (_ => ["of-nobody"], 2, ["error"]),
        ["pipeline run"] = (_ => ["of-nobody"], 2, ["error"]),
        ["pipeline backfill"] = (_ => ["of-nobody", "--from", "2026-11-01"], 2, ["error"]),
        ["pipeline cancel"] = (_ => ["of-nobody"], 2, ["error"]),
        ["pipeline resume"] = (_ => ["of-nobody"], 2, ["error"]),
        ["pipeline pause"] = (_ => ["of-nobody"], 2, ["error"]),
        ["pipeline delete"] = (_ => ["of-nobody", "--yes"], 2, ["error"]),
        ["models list"] = (_ => [], 0, []),
        ["models show"] = (_ => ["tiny-words"], 0, ["name", "versions", "aliases", "promotions"]),
        ["models rollback"] = (_ => ["tiny-words"], 2, ["error"]),
        ["models canary"] = (_ => ["tiny-words", "1", "--share", "0.2"], 2, ["error"]), // it's in production
        ["models shadow"] = (_ => ["tiny-words", "--stop"], 2, ["error"]), // none runs
        ["models traffic"] = (_ => ["tiny-words"], 0, ["model", "figures", "disagreements"]),
        ["models history"] = (_ => ["tiny-words"], 0, ["model", "entries", "total"]),
        ["models delete"] = (_ => ["tiny-words", "--version-number", "1", "--yes"], 2, ["error"]), // it's in production
        ["models saliency"] = (w => ["tiny-words", w.Clip], 0, ["text", "confidence", "mouthShare", "mouthArea", "picture"]),
        ["learning-curve"] = (_ => ["--corpus", "tiny", "--model", "word-tcn", "--clips", "2,all", "--seeds", "1", .. Workshop.TinyNetwork, "--set", "epochs=1"], 0, ["kind", "runs", "figures", "unfinished"]),
        ["evaluate"] = (_ => ["--model", "tiny-words", "--corpus", "tiny"], 0, ["model", "version", "figures"]),
        ["transcribe"] = (w => [w.Clip], 0, ["text", "confidence", "provenance"]),
        ["notebook run"] = (w => [Notebook(w), "--no-node"], 0, ["cells", "run", "failures"]),
        ["notebook check"] = (w => [Notebook(w)], 0, ["notebooks"]),
        ["notebook strip"] = (w => [Notebook(w)], 0, ["stripped"]),
        ["notebook kernel"] = (w => ["--connection", w.Scratch("no-connection.json")], 2, ["error"]),
        ["notebook install"] = (w => ["--dir", w.Scratch("kernels")], 0, ["installed", "name"]),
        ["bench"] = (_ => ["--list"], 0, []),
    };

    public static TheoryData<string> Commands => [.. Cases.Keys];

    [Fact]
    public void No_command_is_left_out() =>
        Assert.Equal(Usage.Commands.Leaves().Order(StringComparer.Ordinal), Cases.Keys.Concat(Making).Concat(Elsewhere).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task One_document_goes_to_stdout_and_all_else_to_stderr(string command)
    {
        var made = await workshop.ReadyAsync();
        var (arguments, status, properties) = Cases[command];
        var answer = (await LipSolProgram.RunAsync(made.DataFolder, [.. command.Split(' '), .. arguments(made), "--json"])).With(status);
        var document = answer.Document;
        foreach (var property in properties) Assert.True(document.TryGetProperty(property, out _), $"{property} is missing in {answer.Output}");
        if (properties.Length == 0) Assert.Equal(JsonValueKind.Array, document.ValueKind);
        if (status == 2) Assert.Contains(document.GetProperty("error").GetString()!.Split('\n')[0], answer.Errors);
    }

    [Fact]
    public async Task Documents_of_the_commands_that_make_things()
    {
        var made = await workshop.ReadyAsync();
        Assert.Equal(made.Node.Url, made.Up.GetProperty("url").GetString());
        Assert.StartsWith(made.Node.Url + "/?token=", made.Up.GetProperty("page").GetString());
        Assert.Equal(made.Node.ProcessId, made.Up.GetProperty("processId").GetInt32());

        var corpus = made.Synthesised.Document;
        Assert.Equal(("tiny", 8, 0), (corpus.GetProperty("name").GetString(), corpus.GetProperty("clips").GetInt32(), corpus.GetProperty("refused").GetInt32()));
        Assert.InRange(corpus.GetProperty("framesTracked").GetDouble(), 0.99, 1);

        var run = made.Trained.Document;
        Assert.Equal(("completed", "first", "tiny"), (run.GetProperty("status").GetString(), run.GetProperty("name").GetString(), run.GetProperty("corpus").GetString()));
        Assert.Equal(corpus.GetProperty("dataHash").GetString(), run.GetProperty("dataHash").GetString());
        Assert.InRange(run.GetProperty("onnxMaxAbsDifference").GetDouble(), 0, 1e-4);

        Assert.True(made.Promoted.Document.GetProperty("promoted").GetBoolean());
        Assert.NotEmpty(made.Trained.Errors);
    }

    [Fact]
    public async Task Documents_of_a_bundle_that_is_written_and_taken_in()
    {
        var made = await workshop.ReadyAsync();
        var exported = (await LipSolProgram.RunAsync(made.DataFolder, "models", "export", "tiny-words", "--out", made.Scratch("tiny.zip"), "--json")).With(0).Document;
        Assert.Equal(("tiny-words", made.Run, new FileInfo(made.Scratch("tiny.zip")).Length),
            (exported.GetProperty("model").GetString(), exported.GetProperty("runId").GetString(), exported.GetProperty("bytes").GetInt64()));
        var imported = (await LipSolProgram.RunAsync(made.DataFolder, "models", "import", made.Scratch("tiny.zip"), "--name", "taken-in", "--json")).With(0).Document;
        Assert.Equal(("taken-in", 1, false), (imported.GetProperty("version").GetProperty("model").GetString(), imported.GetProperty("version").GetProperty("version").GetInt32(), imported.GetProperty("wasThere").GetBoolean()));
        Assert.True((await LipSolProgram.RunAsync(made.DataFolder, "models", "import", made.Scratch("tiny.zip"), "--name", "taken-in", "--json")).With(0).Document.GetProperty("wasThere").GetBoolean());
    }

    [Fact]
    public async Task The_document_of_a_cross_validation_names_each_speaker_and_his_run()
    {
        var made = await workshop.ReadyAsync();
        string[] cross = ["cross-validate", "--model", "word-tcn", .. Workshop.TinyNetwork, "--set", "epochs=1", "--json", "--corpus"];
        Assert.Contains("at least two", (await LipSolProgram.RunAsync(made.DataFolder, [.. cross, "tiny"])).With(2).Document.GetProperty("error").GetString());
        (await LipSolProgram.RunAsync(made.DataFolder, "corpus", "synth", "--name", "pair", "--words", "آپ,جی", "--set", "speakers=2", "--set", "unseen=0", "--set", "takes=1", "--set", "val-takes=1", "--set", "test-takes=1")).With(0);
        var document = (await LipSolProgram.RunAsync(made.DataFolder, [.. cross, "pair"])).With(0).Document;
        Assert.Equal(2, document.GetProperty("runs").GetArrayLength());
        Assert.All(document.GetProperty("runs").EnumerateArray(), group => Assert.Single(group.GetProperty("runs").EnumerateArray()));
        Assert.Empty(document.GetProperty("unfinished").EnumerateArray());
    }

    [Fact]
    public async Task A_run_that_does_not_exist_is_bad_input_and_a_gate_that_refuses_a_normal_answer()
    {
        var made = await workshop.ReadyAsync();
        Assert.Contains("no-such-run", (await LipSolProgram.RunAsync(made.DataFolder, "runs", "show", "no-such-run", "--json")).With(2).Document.GetProperty("error").GetString());
        var refused = (await LipSolProgram.RunAsync(made.DataFolder, "models", "promote", "tiny-words", "--run", made.OtherRun, "--threshold", "1.01", "--json")).With(1).Document;
        Assert.False(refused.GetProperty("promoted").GetBoolean());
        Assert.NotEmpty(refused.GetProperty("reason").GetString()!);
    }

    [Fact]
    public async Task The_log_of_a_run_and_subtitles_come_as_they_are_asked_for()
    {
        var made = await workshop.ReadyAsync();
        var log = (await LipSolProgram.RunAsync(made.DataFolder, "runs", "show", made.Run, "--log", "--json")).With(0).Document;
        Assert.Contains("the worker ended: Completed", log.GetProperty("log").GetString());
        Assert.Contains("-->", (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", made.Clip, "--format", "srt")).With(0).Output);
        Assert.StartsWith("WEBVTT", (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", made.Clip, "--format", "vtt")).With(0).Output);
        var text = (await LipSolProgram.RunAsync(made.DataFolder, "transcribe", made.Clip)).With(0);
        Assert.Contains(text.Output.Trim(), (string[])["آپ", "جی"]);
        Assert.Contains("trained on drawn speakers", text.Errors);
    }

    private static string Notebook(Workshop workshop)
    {
        var path = workshop.Scratch($"{Guid.NewGuid():N}.ipynb");
        // What a cell prints is the notebook's, not the command's.
        File.WriteAllText(path, """
            {"cells":[{"cell_type":"code","execution_count":null,"metadata":{"tags":["parameters"]},"outputs":[],"source":["Console.WriteLine(\"{ not ours }\");\n","Console.Error.WriteLine(\"nor this\");\n","6 * 7"]}],
             "metadata":{"kernelspec":{"display_name":".NET (C#)","language":"C#","name":".net-csharp"}},"nbformat":4,"nbformat_minor":5}
            """);
        return path;
    }
}
