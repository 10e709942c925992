using LipSol.Silo.Access;

namespace LipSol.Silo.Http;

/// <summary>Who asks.</summary>
internal static class Callers
{
    /// <summary>By the name of the token: what an audit trail says.</summary>
    public static string NameOf(HttpContext context) => Caller.Of(context).Name;

    /// <summary>What stays the same for one caller: what it says in X-Caller, as a program that reads for many people may, else its token's name.</summary>
    public static string KeyOf(HttpContext context) => Header(context, "X-Caller") ?? NameOf(context);

    /// <summary>What tells this request from others, where the caller said so.</summary>
    public static string? RequestIdOf(HttpContext context) => Header(context, "X-Request-Id");

    private static string? Header(HttpContext context, string name) => context.Request.Headers[name].ToString() is { Length: > 0 and <= 200 } value ? value : null;
}
