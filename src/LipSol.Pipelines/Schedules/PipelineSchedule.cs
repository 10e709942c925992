using Cronos;

namespace LipSol.Pipelines;

/// <summary>When a pipeline runs, by cron in a time zone.</summary>
/// <remarks>
/// Where clocks go forward, a time within the hour that doesn't exist is due as soon as the clock has gone on. Where they go back, a given time of the hour that comes twice is due once, the first time; what
/// is due at intervals (<c>*</c>, ranges or steps in minute or hour) is due both times. These are Cronos' rules, and Vixie cron's.
/// </remarks>
public sealed class PipelineSchedule
{
    /// <summary>What is due for longer than this was missed: the nodes were down.</summary>
    public static readonly TimeSpan Late = TimeSpan.FromMinutes(10);

    private const int MostInBackfill = 1000;
    private readonly CronExpression _cron;
    private readonly MissedRule _missed;

    private PipelineSchedule(CronExpression cron, TimeZoneInfo zone, MissedRule missed) => (_cron, Zone, _missed) = (cron, zone, missed);

    /// <summary>The time zone.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>A sound definition's schedule.</summary>
    public static PipelineSchedule Of(ScheduleDefinition definition) =>
        new(CronExpression.Parse(definition.Cron), FindZone(definition.Zone) ?? throw new TimeZoneNotFoundException($"This node knows no time zone {definition.Zone}: install the system's tzdata."), definition.Missed);

    /// <summary>The first time after this one; null where there's none.</summary>
    public DateTimeOffset? Next(DateTimeOffset after) => _cron.GetNextOccurrence(after, Zone);

    /// <summary>All times of some days, both included, in the schedule's zone.</summary>
    /// <exception cref="ArgumentException">There are too many, or the days are the wrong way round.</exception>
    public IReadOnlyList<DateTimeOffset> On(DateOnly from, DateOnly to)
    {
        if (to < from) throw new ArgumentException($"The last day, {to:yyyy-MM-dd}, is before the first, {from:yyyy-MM-dd}.");
        DateTimeOffset[] times = [.. _cron.GetOccurrences(JustBefore(from), JustBefore(to.AddDays(1)), Zone, fromInclusive: false, toInclusive: true).Take(MostInBackfill + 1)];
        return times.Length <= MostInBackfill ? times : throw new ArgumentException($"Between {from:yyyy-MM-dd} and {to:yyyy-MM-dd} it's due more than {MostInBackfill} times. Take fewer days.");
    }

    /// <summary>What is to be done now, where everything up to <paramref name="handled"/> was dealt with.</summary>
    public DueTimes Due(DateTimeOffset handled, DateTimeOffset now)
    {
        var missed = 0;
        DateTimeOffset? latest = null, firstMissed = null;
        DateTimeOffset from = handled;
        while (_cron.GetNextOccurrence(from, Zone) is { } due && due <= now)
        {
            if (latest is { } before)
            {
                missed++;
                firstMissed ??= before;
            }
            (latest, from) = (due, due);
        }
        if (latest is not { } run) return new DueTimes(null, 0, null, handled, false);
        bool late = now - run > Late;
        // Those before the latest are over for good, whatever the rule: one run makes up for all of them, or none does.
        return late && _missed == MissedRule.Skip
            ? new DueTimes(null, missed + 1, firstMissed ?? run, run, true)
            : new DueTimes(run, missed, firstMissed, run, late);
    }

    /// <summary>The day of a time, where the schedule is.</summary>
    public DateOnly Day(DateTimeOffset time) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(time, Zone).DateTime);

    /// <summary>A time as people read it there: <c>2026-11-30 02:30 Asia/Karachi</c>.</summary>
    public string Tell(DateTimeOffset time) => FormattableString.Invariant($"{TimeZoneInfo.ConvertTime(time, Zone):yyyy-MM-dd HH:mm} {Zone.Id}");

    internal static string? WhatIsWrongWithCron(string cron)
    {
        const string Form = "write minute, hour, day of the month, month and day of the week, as \"30 2 * * *\" (02:30 every day) or \"0 */6 * * 1-5\"";
        int fields = cron.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Length;
        if (!cron.StartsWith('@') && fields != 5) return $"cron is '{cron}', which has {fields} field{(fields == 1 ? "" : "s")}: {Form}.";
        try
        {
            CronExpression.Parse(cron);
            return cron is "@every_second" ? "cron is '@every_second': every minute is the most often." : null;
        }
        catch (CronFormatException e)
        {
            return $"cron is '{cron}': {e.Message.TrimEnd('.')}. It has five fields: {Form}.";
        }
    }

    internal static TimeZoneInfo? FindZone(string id) => id.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(id, out TimeZoneInfo? zone) ? zone : null;

    internal static string SimilarZones(string id)
    {
        string city = id.Split('/')[^1].Replace(' ', '_');
        string[] similar = city.Length < 3 ? [] : [.. TimeZoneInfo.GetSystemTimeZones().Select(z => z.Id).Where(z => z.Contains(city, StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal).Take(3)];
        return similar.Length == 0 ? "" : $" Did you mean {string.Join(" or ", similar)}?";
    }

    // Midnight may not exist where clocks go forward then: what is due at it is due as the day begins, so the second before counts.
    private DateTimeOffset JustBefore(DateOnly day)
    {
        DateTime midnight = day.ToDateTime(TimeOnly.MinValue);
        while (Zone.IsInvalidTime(midnight)) midnight = midnight.AddMinutes(30);
        TimeSpan offset = Zone.IsAmbiguousTime(midnight) ? Zone.GetAmbiguousTimeOffsets(midnight).Max() : Zone.GetUtcOffset(midnight);
        return new DateTimeOffset(midnight, offset).AddSeconds(-1);
    }
}

/// <summary>What a schedule asks for now.</summary>
/// <param name="Run">The time to run for; null: nothing.</param>
/// <param name="Missed">How many earlier times are left out.</param>
/// <param name="FirstMissed">The first of them.</param>
/// <param name="Handled">Up to where everything is dealt with once this is done.</param>
/// <param name="Late">The latest time was missed: it's caught up, or left out.</param>
public sealed record DueTimes(DateTimeOffset? Run, int Missed, DateTimeOffset? FirstMissed, DateTimeOffset Handled, bool Late);
