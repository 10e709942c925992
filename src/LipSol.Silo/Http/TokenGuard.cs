using LipSol.Silo.Node;

namespace LipSol.Silo.Http;

/// <summary>Lets nobody past without the node's token, except to <c>/health</c>.</summary>
/// <remarks>
/// Programs send it as <c>Authorization: Bearer …</c>. A browser brings it once in the link's <c>?token=</c> and gets a cookie that scripts can't read and other sites can't
/// send along; the answer redirects to the address without it, so that it stays out of the history.
/// </remarks>
internal sealed class TokenGuard(RequestDelegate next, AccessToken token)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = context.Request;
        // Cookies don't tell ports apart: two nodes on one machine need two names.
        var cookie = $"lipsol-{context.Connection.LocalPort}";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";

        if (request.Path.StartsWithSegments("/health")) return next(context);
        if (request.Headers.Authorization.Count > 0)
        {
            const string scheme = "Bearer ";
            var header = request.Headers.Authorization.ToString();
            return header.StartsWith(scheme, StringComparison.OrdinalIgnoreCase) && token.Matches(header[scheme.Length..].Trim()) ? next(context) : RefuseAsync(context, "is wrong");
        }
        if (request.Query.TryGetValue("token", out var offered))
        {
            if (!token.Matches(offered)) return RefuseAsync(context, "is wrong");
            if (!HttpMethods.IsGet(request.Method)) return next(context);
            context.Response.Cookies.Append(cookie, token.Value, new CookieOptions
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
            return Task.CompletedTask;
        }
        return request.Cookies.TryGetValue(cookie, out var kept)
            ? token.Matches(kept) ? next(context) : RefuseAsync(context, "in the browser's cookie is no longer the node's")
            : RefuseAsync(context, "is missing");
    }

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
