using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using LipSol.Client;
using LipSol.Cluster.Tests.Uploads;
using LipSol.Inference.Tests.Networks;
using LipSol.Silo.Tests.Nodes;
using LipSol.Silo.Workers;
using LipSol.Vision;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace LipSol.Silo.Tests.Transcriptions.Fuzzing;

/// <summary>Damaged videos, pictures, mouth clips and forms through the node and its warm croppers: each is read or refused with a reason, the node holds out, nothing is left.</summary>
public sealed class FuzzTests : IDisposable
{
    private const int Seed = 20261129;
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(90);
    /// <summary>What a damaged clip may be answered: docs/http-api.md tells what each is for. 429 is asked again.</summary>
    private static readonly HashSet<int> Answers = [200, 400, 408, 409, 404, 413, 415, 422];
    private readonly TemporaryFolder folder = new();
    private readonly ConcurrentDictionary<string, int> counted = new();
    private readonly ConcurrentQueue<string> wrong = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public Task Fifty_damaged_requests_are_each_answered_with_a_reason() => FuzzAsync(50);

    /// <summary><c>LIPSOL_FUZZ_CLIPS</c> says how many, where it's set.</summary>
    [Fact, Trait("Category", "Long")]
    public Task Ten_thousand_damaged_requests_are_each_answered_with_a_reason_and_nothing_leaks() =>
        FuzzAsync(Environment.GetEnvironmentVariable("LIPSOL_FUZZ_CLIPS") is { } many ? int.Parse(many, CultureInfo.InvariantCulture) : 10_000);

    private async Task FuzzAsync(int inputs)
    {
        var ended = new EndedCroppers();
        await using var node = await ServingTestNode.StartAsync(o => o with { Uploads = o.Uploads with { Bytes = 16 << 20, ProcessingSeconds = 10 } }, crops: true,
            model: m => m with { Crop = MouthCropper.DefaultSettings }, add: services => services.AddSingleton<ILoggerProvider>(ended));
        var good = Videos.Talking(Path.Combine(folder.Path, "good.mp4"));
        Assert.NotEmpty((await node.Client.Transcriptions.TranscribeAsync(good)).Text);
        var requests = new HostileRequests(new FuzzOriginals(folder.Path), Seed);
        using var http = new HttpClient { BaseAddress = new Uri(node.Url), Timeout = Longest, DefaultRequestHeaders = { Authorization = new("Bearer", node.Token) } };
        var before = Footprint.Of(node.DataFolder);
        var (warm, memory, began) = (before, new List<string>(), Stopwatch.GetTimestamp());
        var most = before.Croppers.ToDictionary();
        for (var part = 0; part < 10; part++)
        {
            await Parallel.ForAsync(part * inputs / 10, (part + 1) * inputs / 10, new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = TestContext.Current.CancellationToken }, async (n, cancelled) =>
            {
                var request = requests.Make(n);
                var answer = await AnswerAsync(http, node, request, n, cancelled);
                counted.AddOrUpdate($"{request.Kind}: {answer}", 1, (_, count) => count + 1);
            });
            var now = Footprint.Of(node.DataFolder);
            if (part == 0) warm = now;
            foreach (var (id, peak) in now.Croppers) most[id] = peak;
            Say($"{(part + 1) * 10} % after {Stopwatch.GetElapsedTime(began).TotalMinutes:0.0} minutes: {now}; {ended.Count} croppers had to be replaced");
        }

        Assert.NotEmpty((await node.Client.Transcriptions.TranscribeAsync(good)).Text);
        var after = Footprint.Of(node.DataFolder);
        Say(string.Join("\n", counted.OrderBy(a => a.Key.Split(':')[0]).ThenByDescending(a => a.Value).Select(a => $"{a.Value,6} {a.Key}")));
        Say($"before {before}\nat a tenth {warm}\nat the end {after}\ncroppers held at most {string.Join(", ", most.Values.Select(m => m >> 20))} MB; {ended.Count} ended on a clip");
        Assert.True(wrong.IsEmpty, string.Join("\n", wrong));
        Assert.Equal(inputs, counted.Values.Sum());
        // The answers are in the database; of the clips there is nothing, wherever the node could have left it.
        Assert.Empty(after.Files.Except(before.Files));
        Assert.All(most.Values, m => Assert.InRange(m, 0, new WorkersOptions { DataFolder = "", ArtifactFolder = "", CodeVersion = "" }.CropperMemory));
        Assert.InRange(after.OpenFiles, 0, warm.OpenFiles + 20);
        if (inputs >= 1000) Assert.True(after.Memory < warm.Memory + (100 << 20), $"memory grew from {warm.Memory >> 20} to {after.Memory >> 20} MB");
    }

    /// <summary>What became of a request: <c>read</c>, or the reason of its refusal.</summary>
    private async Task<string> AnswerAsync(HttpClient http, TestNode node, HostileRequest request, int n, CancellationToken cancelled)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, "/api/v1/transcriptions") { Content = new ByteArrayContent(request.Body) };
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType);
            try
            {
                using var answer = await http.SendAsync(message, cancelled);
                if (answer.StatusCode == HttpStatusCode.TooManyRequests && attempt < 100)
                {
                    await Task.Delay(500, cancelled);
                    continue;
                }
                var text = await answer.Content.ReadAsStringAsync(cancelled);
                if (text.Contains(node.DataFolder, StringComparison.Ordinal)) wrong.Enqueue($"{request.Kind} {n}: the answer names a folder of the node: {text}");
                if (answer.StatusCode == HttpStatusCode.OK) return "read";
                var problem = await answer.Content.ReadFromJsonAsync<Problem>(LipSolJson.Options, cancelled);
                if (!Answers.Contains((int)answer.StatusCode)) wrong.Enqueue($"{request.Kind} {n}: {(int)answer.StatusCode} {text}");
                if (string.IsNullOrWhiteSpace(problem?.Detail) || string.IsNullOrWhiteSpace(problem.Reason)) wrong.Enqueue($"{request.Kind} {n}: no reason: {text}");
                return $"{(int)answer.StatusCode} {problem?.Reason}{(problem?.Detail?.Contains("decoder ended", StringComparison.Ordinal) == true ? ", the decoder ended" : "")}";
            }
            catch (Exception e) when (!cancelled.IsCancellationRequested && e is HttpRequestException or OperationCanceledException or System.Text.Json.JsonException)
            {
                wrong.Enqueue($"{request.Kind} {n}: no answer: {e.Message}");
                return "no answer";
            }
        }
    }

    // Long runs are looked at while they run.
    private static void Say(string text)
    {
        TestContext.Current.TestOutputHelper?.WriteLine(text);
        if (Environment.GetEnvironmentVariable("LIPSOL_FUZZ_LOG") is { } log) File.AppendAllText(log, text + "\n");
    }

    /// <summary>Counts the croppers that the node says ended on a clip.</summary>
    private sealed class EndedCroppers : ILoggerProvider, ILogger
    {
        private int count;

        public int Count => count;

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (formatter(state, exception).Contains("ended on a clip", StringComparison.Ordinal)) Interlocked.Increment(ref count);
        }

        public void Dispose()
        {
        }
    }
}
