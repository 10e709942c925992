using System.Globalization;

namespace LipSol.Contracts.Runs;

/// <summary>Which of its checkpoints a run keeps. The last one is always kept: the run goes on from it. The others are removed from the artifact store unless something else refers to them.</summary>
[GenerateSerializer, Alias("lipsol.CheckpointRetention"), Immutable]
public sealed record CheckpointRetention
{
    /// <summary>However many are asked for, no more are kept: the best, the last, and of the others the latest.</summary>
    public const int Most = 1000;

    /// <summary>What holds where nothing is said: the last and the best.</summary>
    public static CheckpointRetention Default { get; } = new();

    /// <summary>The one that reads <c>val</c> best (<see cref="Checkpoint.Score"/>); the earliest of equally good ones.</summary>
    [Id(0)] public bool Best { get; init; } = true;

    /// <summary>Every so many-th checkpoint of the run, counted from 1 on over all attempts; 1: all; 0: none for their number.</summary>
    [Id(1)] public int Every { get; init; }

    /// <summary>Reads what people write: <c>last</c>, <c>best</c>, <c>every 5</c>, separated by commas, or <c>all</c>.</summary>
    /// <exception cref="RefusedException">It's something else; the message says what can be written.</exception>
    public static CheckpointRetention Parse(string text)
    {
        bool best = false;
        int every = 0;
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            string[] words = part.ToLowerInvariant().Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words)
            {
                case ["last"]: break;
                case ["best"]: best = true; break;
                case ["all"] when every == 0: (every, best) = (1, true); break;
                case ["every", var count] when every == 0 && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int n) && n > 0: every = n; break;
                default: throw new RefusedException($"'{text}' doesn't say which checkpoints are kept. Write last, best and every N, separated by commas, or all: 'last,best' (the default), 'best, every 5'.");
            }
        }
        return new CheckpointRetention { Best = best, Every = every };
    }

    /// <summary>As <see cref="Parse"/> reads it.</summary>
    public override string ToString() => Every == 1 ? "all"
        : "last" + (Best ? ",best" : "") + (Every > 0 ? string.Create(CultureInfo.InvariantCulture, $",every {Every}") : "");
}
