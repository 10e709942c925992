using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;

namespace LipSol.Kernel.Tests.Notebooks;

/// <summary>
/// Answers as a node does, from a table: enough to run the notebooks without training. What the figures are doesn't matter here; that every cell of
/// the notebook compiles against the packed client and shows what it gets does.
/// </summary>
internal sealed class CannedNode : IDisposable
{
    private static readonly string[] Words = ["ایک", "دو", "ہاں", "نہیں", "کون", "کب"];
    private static readonly string[] Sentences = ["سبز کرسی اب رکھو", "نیلی میز کل رکھو", "لال کرسی کل لاؤ"];
    private static readonly (string Name, bool Seen)[] Speakers = [("s1", true), ("s2", true), ("s5", false)];
    private readonly HttpListener _listener = new();
    private readonly List<JsonObject> _runs = [];
    private readonly Dictionary<string, string> _kept = [];

    private const int Trials = 12;

    private const string NetworkSource = "fedcba9876543210fedcba9876543210";

    private readonly bool _sentences;
    private string _source = "";
    private int _looks;

    public CannedNode(bool promotes, bool sentences = false)
    {
        Promotes = promotes;
        _sentences = sentences;
        // A listener can't choose a free port itself.
        using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Url = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
        probe.Stop();
        _listener.Prefixes.Add(Url);
        _listener.Start();
        _ = ServeAsync();
    }

    public string Url { get; }

    public bool Promotes { get; }

    /// <summary>Whether its corpus is listed.</summary>
    public bool HasCorpus { get; init; } = true;

    /// <summary>The pause before each event of a run.</summary>
    public TimeSpan Pace { get; init; }

    public List<string> Tokens { get; } = [];

    /// <summary>Of each run, by its id: where it came from, and the executed notebook.</summary>
    public Dictionary<string, (string Origin, string Executed)> Notebooks { get; } = [];

    private string Corpus => _sentences ? "urdu-sentences" : "urdu-demo";

    private string Model => _sentences ? "urdu-sentences" : "urdu-words";

    private string[] Texts => _sentences ? Sentences : Words;

    public void Dispose() => _listener.Close();

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            _ = Task.Run(() => AnswerAsync(context));
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var path = context.Request.Url!.AbsolutePath["/api/v1/".Length..];
        var query = context.Request.QueryString;
        lock (Tokens)
            Tokens.Add(context.Request.Headers["Authorization"] ?? "");
        using var reader = new StreamReader(context.Request.InputStream);
        var body = await reader.ReadToEndAsync();
        if (path.StartsWith("corpora/" + Corpus, StringComparison.Ordinal)) path = path.Replace(Corpus, "this", StringComparison.Ordinal);
        if (path.StartsWith("models/" + Model, StringComparison.Ordinal)) path = path.Replace(Model, "this", StringComparison.Ordinal);
        var (type, answer) = path switch
        {
            "node" => Json("""{"name":"node-1","version":"0.1.0","startedAt":"2026-01-01T00:00:00Z","slots":[{"node":"node-1","index":0,"device":"cpu","threads":2}],"queue":[]}"""),
            "tokens/own" => Json("""{"name":"researcher","role":"run"}"""),
            "corpora" when !HasCorpus => Json("[]"),
            "corpora" => Json($"[{JsonNode.Parse(CorpusDetails())!["summary"]!.ToJsonString()}]"),
            "models" => Json($"[{ModelDetails()}]"),
            "runs" when context.Request.HttpMethod == "GET" => Json($"[{string.Join(",", Enumerable.Range(1, _runs.Count).Select(n => Ended($"run-{n}").ToJsonString()))}]"),
            "pipelines" when context.Request.HttpMethod == "GET" => Json(CannedPipeline.List),
            "corpora/this" => Json(CorpusDetails()),
            "corpora/this/clips" => Json(Clips(query["split"], query["seen"])),
            "corpora/this/strip.png" => ("image/png", DrawnStrip.Png(24, 96, query["clip"]!.GetHashCode(StringComparison.Ordinal) % 7)),
            "corpora/this/mouth.npz" => ("application/octet-stream", [1, 2, 3]),
            "artifacts" => Json(Keep(body)),
            _ when path.EndsWith("/notebook", StringComparison.Ordinal) => Json(SetNotebook(path.Split('/')[1], JsonNode.Parse(body)!)),
            "runs" => Json(Start(JsonNode.Parse(body)!.AsObject())),
            "networks" => Json(AddNetwork(JsonNode.Parse(body)!)),
            "artifacts/" + NetworkSource => ("application/octet-stream", Encoding.UTF8.GetBytes(_source)),
            "searches" => Json(StartSearch()),
            _ when path.StartsWith("searches/", StringComparison.Ordinal) && path.EndsWith("/analysis", StringComparison.Ordinal) => Json(Analysis()),
            _ when path.StartsWith("searches/", StringComparison.Ordinal) => Json(Search(Interlocked.Increment(ref _looks) == 1 ? 5 : Trials)),
            _ when path.EndsWith("/events", StringComparison.Ordinal) => ("text/event-stream", Encoding.UTF8.GetBytes(Events(path.Split('/')[1]))),
            _ when path.StartsWith("runs/", StringComparison.Ordinal) => Json(Ended(path.Split('/')[1])),
            _ when path == "pipelines" || path.StartsWith("pipelines/", StringComparison.Ordinal) => Json(CannedPipeline.Answer(path["pipelines".Length..].TrimStart('/'), body)),
            "models/digits" => Json($$"""{"name":"digits","versions":[{{Version(1)}}],"aliases":{"production":1},"promotions":[{{Decision()}}]}"""),
            "models/this/promotions" => Json(Decision()),
            "models/this/versions" => Json(Version(2)),
            "models/this/versions/2/saliency" => Json(Saliency()),
            "models/this" => Json(ModelDetails()),
            "models/this/evaluations" => Json(Evaluation()),
            "transcriptions" when Field(body, "format") == "srt" => ("text/plain; charset=utf-8", Encoding.UTF8.GetBytes($"1\n00:00:00,100 --> 00:00:00,700\n{Texts[0]}\n")),
            "transcriptions" => Json($$"""
                {"id":"t1","text":"{{Texts[0]}}","confidence":0.93,"words":[{{string.Join(",", Texts[0].Split(' ').Select((w, i) => $"{{\"word\":\"{w}\",\"start\":0.{i + 1},\"end\":0.{i + 2},\"confidence\":0.93}}"))}}],
                 "alternatives":[{"text":"{{Texts[0]}}","confidence":0.93},{"text":"{{Texts[1]}}","confidence":0.04}],"lookAlike":[{{(_sentences ? "" : "\"آٹھ\"")}}],
                 "decoder":{{(Field(body, "decoder") is { } decoder ? $"\"{decoder}\"" : "null")}},
                 "provenance":{"model":"{{Model}}","version":2,"runId":"run-1","dataHash":"0123456789abcdef0123456789abcdef","synthetic":true,"device":"cpu","node":"node-1","frames":24,"framesTracked":1,"milliseconds":{"total":12.5} } }
                """),
            _ => ("missing", []),
        };
        context.Response.StatusCode = type == "missing" ? 404 : 200;
        context.Response.ContentType = type;
        if (type == "text/event-stream" && Pace > TimeSpan.Zero)
        {
            context.Response.SendChunked = true;
            await WriteSlowlyAsync(context.Response.OutputStream, Encoding.UTF8.GetString(answer));
        }
        else
        {
            context.Response.ContentLength64 = answer.Length;
            await context.Response.OutputStream.WriteAsync(answer);
        }

        context.Response.Close();
    }

    private async Task WriteSlowlyAsync(Stream stream, string events)
    {
        try
        {
            foreach (var one in events.Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            {
                await Task.Delay(Pace);
                await stream.WriteAsync(Encoding.UTF8.GetBytes(one + "\n\n"));
                await stream.FlushAsync();
            }
        }
        catch (Exception e) when (e is HttpListenerException or IOException or ObjectDisposedException)
        {
            // Whoever followed has gone.
        }
    }

    /// <summary>A field of a multipart form.</summary>
    private static string? Field(string body, string name)
    {
        var at = body.IndexOf($"name={name}\r\n", StringComparison.Ordinal);
        if (at < 0) return null;
        var start = body.IndexOf("\r\n\r\n", at, StringComparison.Ordinal) + 4;
        return body[start..body.IndexOf("\r\n", start, StringComparison.Ordinal)];
    }

    private string CorpusDetails()
    {
        var words = string.Join(",", Texts.SelectMany(t => t.Split(' ')).Distinct().Select(w => $"\"{w}\":30"));
        return $$"""
            {"summary":{"name":"{{Corpus}}","kind":"synthetic","language":"ur","dataHash":"0123456789abcdef0123456789abcdef","clips":182,"refused":2,"framesTracked":0.9981,"attribution":"Drawn by LipSol"},
             "splits":{"train":100,"val":30,"test":50},
             "speakers":[{"speaker":"s1","seen":true,"train":50,"val":15,"test":15},{"speaker":"s2","seen":true,"train":50,"val":15,"test":15},{"speaker":"s5","seen":false,"train":0,"val":0,"test":20}],
             "words":{ {{words}} },"homophenes":[{{(_sentences ? "" : "[\"ایک\",\"آٹھ\"]")}}],"refusedClips":[{"id":"s1/014","reason":"no face in 40 % of frames"}]}
            """;
    }

    private string Clips(string? split, string? seen)
    {
        var clips = Speakers.Where(s => seen is null || s.Seen == bool.Parse(seen)).SelectMany(s => Texts.Select((w, i) =>
            $$"""{"id":"{{s.Name}}/{{i:000}}","speaker":"{{s.Name}}","seen":{{(s.Seen ? "true" : "false")}},"split":"{{split}}","text":"{{w}}","frames":24,"framesTracked":1}""")).ToArray();
        return $$"""{"total":{{clips.Length}},"clips":[{{string.Join(",", clips)}}]}""";
    }

    private string StartSearch()
    {
        Start(JsonNode.Parse($$"""{"experiment":"best-parameters","name":"best-parameters 1","network":"word-tcn","corpus":"{{Corpus}}","parameters":{"learning_rate":"0.002"},"seed":1}""")!.AsObject());
        return Search(0);
    }

    // The twelfth is under way while there are fewer; the fourth failed, every third was stopped.
    private string Search(int trials)
    {
        var listed = string.Join(",", Enumerable.Range(1, trials).Select(n =>
        {
            var running = trials < Trials && n == trials;
            return $$"""
                {"number":{{n}},"runId":"run-1","parameters":{"learning_rate":"{{n * 0.001}}","batch_size":"16"{{(n % 2 == 0 ? ",\"freeze_epochs\":\"2\"" : "")}}},"status":"{{(running ? "running" : n == 4 ? "failed" : n % 3 == 0 ? "stopped" : "completed")}}",
                 {{(n == 4 ? "\"reason\":\"out of <memory>\"" : $"\"objective\":{(0.5 + 0.03 * n).ToString(CultureInfo.InvariantCulture)}")}},"values":{{n}},"rungs":[{"values":2,"best":0.5,"others":3,"wentOn":{{(n % 3 == 0 ? "false" : "true")}}}],"order":{{n}},"known":0,"proposedAt":"2026-01-01T00:00:00Z"}
                """;
        }));
        return $$"""
            {"name":"best-parameters","definition":"","status":"{{(trials < Trials ? "running" : "completed")}}","method":"tpe","metric":"val_accuracy","maximise":true,"network":"word-tcn","corpus":"{{Corpus}}","dataHash":"0123456789abcdef0123456789abcdef","seed":1,
             "target":{{Trials}},"trialCount":{{trials}},"best":{{(trials == Trials ? 11 : 0)}},{{(trials == Trials ? "\"bestObjective\":0.83," : "")}}"createdAt":"2026-01-01T00:00:00Z","parameters":["learning_rate","batch_size","freeze_epochs"],"trials":[{{listed}}],"revision":{{trials}} }
            """;
    }

    private static string Analysis() => $$"""
        {"axes":[{"parameter":"learning_rate","ticks":[{"label":"0.001","place":0},{"label":"0.012","place":1}]},{"parameter":"batch_size","ticks":[{"label":"16","place":0.5}]},{"parameter":"freeze_epochs","ticks":[{"label":"2","place":0.5}]}],
         "coordinates":[{{string.Join(",", Enumerable.Range(1, Trials).Select(n => $"{{\"number\":{n},\"places\":[{((n - 1) / 11.0).ToString("0.###", CultureInfo.InvariantCulture)},0.5,{(n % 2 == 0 ? "0.5" : "null")}]}}"))}}],
         "importance":[{"parameter":"learning_rate","share":0.71},{"parameter":"batch_size","share":0.12},{"parameter":"freeze_epochs","share":0.02}]}
        """;

    /// <summary>As a compiler would: what isn't a layer's name is told with its line.</summary>
    private string AddNetwork(JsonNode request)
    {
        _source = (string)request["source"]!;
        var wrong = _source.Split('\n').Select((text, i) => (text, i)).FirstOrDefault(l => l.text.Contains("Relu()", StringComparison.Ordinal));
        if (wrong.text is not null)
            return $$"""{"faults":[{"line":{{wrong.i + 1}},"column":{{wrong.text.IndexOf("Relu", StringComparison.Ordinal) + 1}},"code":"CS0246","message":"The type or namespace name 'Relu' could not be found"}],"seconds":1}""";
        return $$"""
            {"network":{"name":"{{request["name"]}}","source":"{{NetworkSource}}","reads":"word","parameters":[{"name":"width","meaning":"channels <of> the first","default":"24"}],"weightCount":12345,"onnxMaxAbsDifference":1e-6,
             "corpus":"{{request["corpus"]}}","dataHash":"0123456789abcdef0123456789abcdef","codeVersion":"0.1.0","keptAt":"2026-01-01T00:00:00Z","keptBy":"canned","revision":1},"faults":[],"seconds":1}
            """;
    }

    private string Keep(string content)
    {
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.MD5.HashData(Encoding.UTF8.GetBytes(content)));
        lock (_kept)
            _kept[hash] = content;
        return $$"""{"hash":"{{hash}}","bytes":{{content.Length}}}""";
    }

    private JsonObject SetNotebook(string id, JsonNode notebook)
    {
        lock (_runs)
        {
            Notebooks[id] = (Notebooks[id].Origin, _kept[(string)notebook["executed"]!]);
            return _runs.First(r => (string)r["id"]! == id).DeepClone().AsObject();
        }
    }

    private JsonObject Start(JsonObject request)
    {
        lock (_runs)
        {
            var run = new JsonObject
            {
                ["id"] = $"run-{_runs.Count + 1}",
                ["experiment"] = request["experiment"]!.DeepClone(),
                ["name"] = request["name"]!.DeepClone(),
                ["network"] = request["network"]!.DeepClone(),
                ["corpus"] = request["corpus"]!.DeepClone(),
                ["dataHash"] = "0123456789abcdef0123456789abcdef",
                ["parameters"] = request["parameters"]!.DeepClone(),
                ["seed"] = request["seed"]!.DeepClone(),
                ["status"] = "queued",
                ["createdAt"] = "2026-01-01T00:00:00Z",
                ["metrics"] = new JsonObject(),
            };
            _runs.Add(run);
            if ((string?)request["notebook"] is { } origin)
            {
                Notebooks[(string)run["id"]!] = (_kept[origin], "");
                run["artifacts"] = new JsonObject { ["notebook.json"] = origin };
            }

            return run.DeepClone().AsObject();
        }
    }

    private string Events(string run)
    {
        var events = new StringBuilder();
        var rate = run == "run-1" ? 0.05 : 0.025;
        var random = new Random(run.Length + run[^1]);
        for (var i = 1; i <= 60; i++)
        {
            var points = string.Join(",", Points(i).Select(p => $$"""{"name":"{{p.Name}}","step":{{i * 10}},"value":{{p.Value.ToString("R", CultureInfo.InvariantCulture)}},"time":"2026-01-01T00:00:00Z"}"""));
            events.Append($"event: run\nid: {i}\ndata: {{\"cursor\":{i},\"status\":\"running\",\"points\":[{points}],\"phase\":\"training\",\"progress\":{(i / 60.0).ToString("R", CultureInfo.InvariantCulture)}}}\n\n");
        }

        return events.Append("event: run\nid: 61\ndata: {\"cursor\":61,\"status\":\"completed\",\"points\":[],\"progress\":1}\n\nevent: end\ndata: {}\n\n").ToString();

        IEnumerable<(string Name, double Value)> Points(int i)
        {
            yield return ("train_loss", 2.5 * Math.Exp(-rate * i) + 0.15 + 0.2 * random.NextDouble());
            if (i % 5 != 0)
                yield break;
            yield return ("val_loss", 2.5 * Math.Exp(-rate * i) + 0.3);
            if (_sentences)
            {
                yield return ("val_wer", Math.Exp(-rate * i));
                yield return ("val_cer", 0.6 * Math.Exp(-rate * i));
                yield break;
            }

            yield return ("val_accuracy", 0.97 * (1 - Math.Exp(-2 * rate * i)));
            yield return ("train_accuracy", 0.99 * (1 - Math.Exp(-2.2 * rate * i)));
        }
    }

    private JsonObject Ended(string id)
    {
        lock (_runs)
        {
            var run = _runs.First(r => (string)r["id"]! == id).DeepClone().AsObject();
            run["status"] = "completed";
            run["startedAt"] = "2026-01-01T00:00:05Z";
            run["endedAt"] = "2026-01-01T00:01:15Z";
            run["metrics"] = JsonNode.Parse($$"""{"val_accuracy":{"last":0.9,"lastStep":600,"minimum":0.1,"maximum":{{(id == "run-1" ? "0.97" : "0.91")}} } }""");
            run["figures"] = JsonNode.Parse(Figures(_sentences ? 0.05 : id == "run-1" ? 0.97 : 0.9));
            run["onnxMaxAbsDifference"] = 3.1e-6;
            if ((string)run["network"]! == "gate-net") run["artifacts"] = new JsonObject { ["network.cs"] = NetworkSource };
            return run;
        }
    }

    private string Decision()
    {
        var reason = Promotes ? "0.970 reaches the threshold of 0.8; nothing was in production." : "It isn't better than version 1 with the confidence asked for.";
        return $$"""
            {"model":"{{Model}}","version":2,"promoted":{{(Promotes ? "true" : "false")}},"reason":"{{reason}}","metric":"{{(_sentences ? "wer" : "word_accuracy")}}","threshold":0.8,"confidence":0.95,
             "candidate":{"value":0.97,"low":0.92,"high":0.99,"count":50},"production":{"value":0.96,"low":0.9,"high":0.99,"count":50},"probabilityBetter":0.61,"previousVersion":1,"time":"2026-01-01T00:02:00Z"}
            """;
    }

    private string ModelDetails() => $$"""{"name":"{{Model}}","versions":[{{Version(1)}},{{Version(2)}}],"aliases":{"production":{{(Promotes ? 2 : 1)}}},"promotions":[]}""";

    private string Version(int number) =>
        $$"""{"model":"{{Model}}","version":{{number}},"runId":"run-{{number}}","dataHash":"0123456789abcdef0123456789abcdef","createdAt":"2026-01-01T00:02:00Z","figures":{{Figures(0.97)}},"onnxMaxAbsDifference":3.1e-6}""";

    private string Figures(double value)
    {
        string At(double v) => string.Create(CultureInfo.InvariantCulture, $"{{\"value\":{v:0.###},\"low\":{Math.Max(0, v - 0.06):0.###},\"high\":{Math.Min(1, v + 0.02):0.###},\"count\":50}}");
        string[] figures = _sentences ? ["wer", "cer", "decoder.greedy.wer", "decoder.greedy.wer.unseen"] : ["word_accuracy"];
        return "{" + string.Join(",", figures.Select(f => $"\"{f}\":{At(value)},\"{f}.seen\":{At(_sentences ? value / 2 : value + 0.02)},\"{f}.unseen\":{At(_sentences ? value * 2 : value - 0.06)}").Distinct()) + "}";
    }

    private string Evaluation()
    {
        var samples = Texts.SelectMany((w, i) => Enumerable.Range(0, 8).Select(k => Sample($"s1/{i:000}" + (_sentences ? "" : $"-{k}"), w, k == 7 ? Texts[(i + 1) % Texts.Length] : w)));
        return $$"""{"model":"{{Model}}","version":2,"corpus":"{{Corpus}}","dataHash":"0123","figures":{{Figures(_sentences ? 0.05 : 0.97)}},"samples":[{{string.Join(",", samples)}}],"worst":[{{(_sentences ? Sample("s1/001", Texts[1], Texts[0]) : "")}}]}""";

        static string Sample(string id, string expected, string text) => $$"""{"id":"{{id}}","speaker":"s1","seen":true,"expected":"{{expected}}","text":"{{text}}","confidence":0.9}""";
    }

    private string Saliency() => $$"""
        {"model":"{{Model}}","version":2,"runId":"run-2","dataHash":"0123","said":"{{Texts[0]}}","text":"{{Texts[0]}}","confidence":0.9,"evidence":-1.5,"where":[[0.1,0.2]],
         "when":[{"time":0.02,"fall":0.5,"inWord":true}],"mouthShare":0.7,"mouthArea":0.4,"picture":"{{Convert.ToBase64String(DrawnStrip.Png(4, 48, 1))}}"}
        """;

    private static (string, byte[]) Json(JsonNode node) => Json(node.ToJsonString());

    private static (string, byte[]) Json(string text) => ("application/json", Encoding.UTF8.GetBytes(text));
}
