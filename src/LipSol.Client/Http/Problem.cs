namespace LipSol.Client;

/// <summary>An error as the HTTP API tells it: problem details, <see href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</see>.</summary>
/// <param name="Type">Always <c>about:blank</c>: <paramref name="Reason"/> tells the kinds apart.</param>
/// <param name="Title">The kind of problem in a few words.</param>
/// <param name="Status">The HTTP status.</param>
/// <param name="Detail">What was wrong and what to do.</param>
/// <param name="Reason">The kind of problem, for programs.</param>
public sealed record Problem(string? Type, string? Title, int? Status, string? Detail, string? Reason);
