using System.Text;
using LipSol.Client;

namespace LipSol.Notebooks;

/// <summary>
/// Several runs while they go on: what each does, and the curves of accuracy (of sentences: letter error rate) and loss. Feed it the events of <see cref="RunsClient.FollowAsync"/> and show it
/// again when <see cref="Apply"/> says that it is due. Safe from several threads.
/// </summary>
/// <example>
/// <code>
/// var board = new RunBoard(runs);
/// var shown = KernelInvocationContext.Current.Display(board, "text/html");
/// await Task.WhenAll(runs.Select(async run =>
/// {
///     await foreach (var e in client.Runs.FollowAsync(run.Id))
///         if (board.Apply(run.Id, e)) shown.Update(board);
/// }));
/// shown.Update(board);
/// </code>
/// </example>
public sealed class RunBoard
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(400);
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly List<Line> _lines;
    private readonly MetricChart _accuracy = new("Accuracy (val; training dashed)") { Share = true };
    private readonly MetricChart _letters = new("Letter error rate (val; training dashed)") { Share = true };
    private readonly MetricChart _loss = new("Loss (val; training dashed)");
    private long _drawn;

    /// <summary>A board for <paramref name="runs"/>.</summary>
    public RunBoard(IEnumerable<Run> runs, TimeProvider? time = null)
    {
        _time = time ?? TimeProvider.System;
        _lines = [.. runs.Select(r => new Line(r.Id, r.Name) { Status = r.Status, Reason = r.Reason, Phase = r.Phase, Progress = r.Progress })];
    }

    /// <summary>Takes in what happened to a run; answers whether the board is due to be shown again (a change of status always is, points a few times a second).</summary>
    public bool Apply(string runId, RunEvent happened)
    {
        ArgumentNullException.ThrowIfNull(happened);
        lock (_gate)
        {
            var index = _lines.FindIndex(l => l.RunId == runId);
            if (index < 0)
                throw new ArgumentException($"The run {runId} isn't on this board.", nameof(runId));
            var line = _lines[index];
            var turned = line.Status != happened.Status || line.Phase != happened.Phase;
            (line.Status, line.Reason, line.Phase, line.Progress) = (happened.Status, happened.Reason, happened.Phase, happened.Progress);
            foreach (var point in happened.Points)
                AddPoint(line.Name, index, point);
            if (!turned && _time.GetElapsedTime(_drawn) < Pause)
                return false;
            _drawn = _time.GetTimestamp();
            return true;
        }
    }

    internal string ToHtml()
    {
        var html = new StringBuilder("<table>");
        lock (_gate)
        {
            for (var i = 0; i < _lines.Count; i++)
            {
                var line = _lines[i];
                var progress = line.Status == RunStatus.Completed ? 1 : line.Progress;
                html.Append($"<tr><td><span style=\"color:{Markup.Series[i % Markup.Series.Length]}\">●</span> {Markup.Encode(line.Name)}</td><td>{RunHtml.Badge(line.Status)}</td><td>{Markup.Bar(progress)}</td><td class=\"soft\">{Markup.Encode(line.Status == RunStatus.Running ? line.Phase : line.Reason)}</td></tr>");
            }
        }

        return html.Append($"</table><div class=\"columns\">{(_letters.IsEmpty || !_accuracy.IsEmpty ? _accuracy.ToSvg() : "")}{(_letters.IsEmpty ? "" : _letters.ToSvg())}{_loss.ToSvg()}</div>").ToString();
    }

    private void AddPoint(string name, int index, MetricPoint point)
    {
        switch (point.Name)
        {
            case "val_accuracy":
                _accuracy.Add(name, point.Step, point.Value, index);
                break;
            case "train_accuracy":
                _accuracy.Add(name + ", training", point.Step, point.Value, index, dashed: true);
                break;
            case "val_cer":
                _letters.Add(name, point.Step, point.Value, index);
                break;
            case "train_cer":
                _letters.Add(name + ", training", point.Step, point.Value, index, dashed: true);
                break;
            case "val_loss":
                _loss.Add(name, point.Step, point.Value, index);
                break;
            case "train_loss":
                _loss.Add(name + ", training", point.Step, point.Value, index, dashed: true);
                break;
        }
    }

    private sealed class Line(string runId, string name)
    {
        public string RunId { get; } = runId;

        public string Name { get; } = name;

        public RunStatus Status { get; set; }

        public string? Reason { get; set; }

        public string? Phase { get; set; }

        public double Progress { get; set; }
    }
}
