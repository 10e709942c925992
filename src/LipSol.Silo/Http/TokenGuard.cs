using LipSol.Silo.Access;

namespace LipSol.Silo.Http;

/// <summary>Lets nobody past without a token that holds, except to <c>/health</c>, and says whose it is. What the caller may do is for <see cref="Roles"/>.</summary>
/// <remarks>
/// Programs send it as <c>Authorization: Bearer …</c>. A browser brings it once in the link's <c>?token=</c> and gets a cookie that scripts can't read and other sites can't
/// send along; the answer redirects to the address without it, so that it stays out of the history.
/// </remarks>
internal sealed class TokenGuard(RequestDelegate next, TokenLookup tokens)
{
    public async Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";

        if (request.Path.StartsWithSegments("/health"))
        {
            await next(context);
            return;
        }
        var (offered, source) = Offered(context);
        if (source == Source.None)
        {
            await RefuseAsync(context, "is missing");
            return;
        }
        var (caller, wrong) = await tokens.IdentifyAsync(offered);
        if (caller is null)
        {
            await RefuseAsync(context, source == Source.Cookie ? $"in the browser's cookie {wrong}" : wrong);
            return;
        }
        if (source == Source.Query && HttpMethods.IsGet(request.Method))
        {
            context.Response.Cookies.Append(CookieName(context), offered!, new CookieOptions
            {
                HttpOnly = true,
                SameSite = SameSiteMode.Strict,
                Secure = request.IsHttps,
                Path = "/",
                MaxAge = TimeSpan.FromDays(30),
                IsEssential = true,
            });
            var rest = QueryString.Create(request.Query.Where(q => q.Key != "token"));
            context.Response.Redirect(request.PathBase + request.Path + rest);
            return;
        }
        if (source == Source.Cookie && ForeignPage(request) is { } page)
        {
            await Problems.WriteAsync(context, StatusCodes.Status403Forbidden, "other-origin", $"A page of {page} may not do this in your name. Open the node's own page, or send the token as `Authorization: Bearer …`.");
            return;
        }
        caller.CallIn(context);
        await next(context);
    }

    private enum Source { None, Header, Query, Cookie }

    /// <summary>One place counts, the first that holds anything: a wrong token isn't mended by a right one elsewhere.</summary>
    private static (string? Offered, Source Source) Offered(HttpContext context)
    {
        var request = context.Request;
        if (request.Headers.Authorization.Count > 0)
        {
            const string scheme = "Bearer ";
            var header = request.Headers.Authorization.ToString();
            return (header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) ? header[scheme.Length..].Trim() : null, Source.Header);
        }
        if (request.Query.TryGetValue("token", out var query)) return (query, Source.Query);
        return request.Cookies.TryGetValue(CookieName(context), out var kept) ? (kept, Source.Cookie) : (null, Source.None);
    }

    /// <summary>Whose page has a browser send its cookie along for more than looking: pages on other ports of one machine count as the same site, and only the node's own may. Null where it's that one, or no page.</summary>
    private static string? ForeignPage(HttpRequest request)
    {
        var looks = (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)) && request.Headers.Upgrade.Count == 0;
        if (looks || request.Headers.Origin.ToString() is not { Length: > 0 } origin) return null;
        // Where a proxy has changed the host, the browser's own word counts.
        if (request.Headers["Sec-Fetch-Site"] == "same-origin") return null;
        return Uri.TryCreate(origin, UriKind.Absolute, out var page) && string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase) ? null : origin;
    }

    /// <summary>Cookies don't tell ports apart: two nodes on one machine need two names.</summary>
    private static string CookieName(HttpContext context) => $"lipsol-{context.Connection.LocalPort}";

    private static Task RefuseAsync(HttpContext context, string what)
    {
        context.Response.Headers.WWWAuthenticate = "Bearer realm=\"LipSol\"";
        var advice = $"The token {what}. Open the link that the node showed when it started, or send the token (it is in the data folder's file \"token\") as `Authorization: Bearer …`; programs take it from LIPSOL_TOKEN.";
        if (!context.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
            return Problems.WriteAsync(context, StatusCodes.Status401Unauthorized, "unauthorized", advice);
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync($$"""
            <!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>LipSol: token needed</title>
            <style>:root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;max-width:40rem;margin:15vh auto;padding:0 1.5rem}</style>
            <h1>This node needs its token</h1><p>{{System.Net.WebUtility.HtmlEncode(advice)}}</p></html>
            """);
    }
}
